import Documents
import Support
import Testing

@testable import Discovery

struct JSONReaderDamageTests {
    /// An answer that breaks off is never taken for a shorter list. Its last byte is a line break.
    @Test func aListCutAnywhereIsRefused() throws {
        let document = try Recording(threeNodes).body
        var taken: [Int] = []
        for end in 0..<document.count - 1 where (try? slices(Array(document[..<end]))) != nil { taken.append(end) }
        #expect(taken.isEmpty)
        #expect(try slices(Array(document.dropLast())).count == 2)
    }

    @Test(arguments: ["100/list/endpointslices-of-service.json", "3/list/pods-metadata-only.json"])
    func alsoALongOneAndOneOfMetadata(path: String) throws {
        let document = try Recording(path).body
        for end in stride(from: 1, to: document.count - 1, by: 911) {
            #expect(throws: JSONError.self) {
                try ListPage(document: Array(document[..<end]), item: ObjectVersion.init)
            }
        }
    }

    @Test(arguments: ["x", "}", "]", ",", "{}", "null", "\u{0}", "<html>"])
    func nothingMayFollowAList(text: String) throws {
        let document = try Recording(threeNodes).body + Array(text.utf8)
        #expect(throws: JSONError.self) { try slices(document) }
    }

    @Test func whiteSpaceMayFollowAList() throws {
        #expect(try slices(Recording(threeNodes).body + Array(" \r\n\t".utf8)).count == 2)
    }

    /// Bytes that are changed, taken out and put in at random: each document is read or refused, and what is read is
    /// no larger than the document.
    @Test(arguments: [
        (threeNodes, 1 as UInt64), ("3/list/endpointslices-kubernetes.json", 2), ("3/list/pods-metadata-only.json", 3),
        ("3/errors/410-continue.json", 4),
    ])
    func damagedDocumentsAreReadOrRefused(path: String, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = try Recording(path).body
        let meaningful = Array("{}[]\",:\\ntu0123456789-+.eE \n".utf8)
        var read = 0
        for _ in 0..<500 {
            var document = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<document.count, using: &generator)
                let byte = UInt8.random(in: 0...255, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: document[place] = byte
                case 1: document[place] = meaningful[Int(byte) % meaningful.count]
                case 2: document.insert(meaningful[Int(byte) % meaningful.count], at: place)
                case 3: document.removeSubrange(place..<min(document.count, place + 1 + Int(byte) % 16))
                default: document.insert(contentsOf: document[place..<min(document.count, place + 64)], at: place)
                }
                if document.isEmpty { break }
            }
            _ = statusMessage(document)
            _ = try? ListPage(document: document, item: ObjectVersion.init)
            guard let slices = try? slices(document) else { continue }
            read += 1
            let endpoints = slices.flatMap(\.endpoints)
            let texts = slices.map(\.name) + endpoints.compactMap(\.node) + endpoints.compactMap(\.zone)
            // A byte that is no UTF-8 becomes the three bytes of U+FFFD.
            #expect(texts.reduce(0) { $0 + $1.utf8.count } <= document.count * 3)
            #expect(endpoints.count < document.count)
        }
        // Most of a document is skipped, so that damage in there goes unnoticed.
        if path == threeNodes { #expect(read > 30 && read < 470) }
    }
}
