import Documents
import Support
import Testing

@testable import Discovery

/// Lists of Services and Ingresses, cut and damaged.
struct ListedObjectDamageTests {
    private func read(_ document: [UInt8]) throws {
        for object in try ListPage(document: document, item: ServiceObject.init).items { _ = object.service() }
        for object in try ListPage(document: document, item: IngressObject.init).items { _ = object.services() }
    }

    @Test(arguments: ["100/get/service.json", "100/get/ingress.json"]) func anObjectCutAnywhereIsRefused(
        path: String
    ) throws {
        let document = try Recording(path).body
        for end in 0..<document.count - 1 {
            #expect(throws: JSONError.self) { try ServiceObject(document: Array(document[..<end])) }
            #expect(throws: JSONError.self) { try IngressObject(document: Array(document[..<end])) }
        }
    }

    /// Whatever is damaged, it is read or refused.
    @Test(arguments: [("100/list/services-selected.json", 1 as UInt64), ("100/list/ingresses.json", 2)])
    func damagedListsAreReadOrRefused(path: String, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = try Recording(path).body
        var refused = 0
        for _ in 0..<300 {
            var document = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<document.count, using: &generator)
                if Bool.random(using: &generator) {
                    document[place] = UInt8.random(in: 0...255, using: &generator)
                } else {
                    document.removeSubrange(place..<min(document.count, place + 20))
                }
            }
            do { try read(document) } catch { refused += 1 }
        }
        #expect(refused > 20 && refused < 300)
    }
}
