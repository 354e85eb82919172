import Foundation
import Support
import Testing

struct PagingTests {
    private let api: RecordedAPI
    private let slices = "/apis/discovery.k8s.io/v1/namespaces/heartmesh/endpointslices"

    init() throws {
        api = try RecordedAPI()
        try api.serve(endpointSlices: "1000/list/endpointslices-of-service.json")
    }

    private struct Page: Decodable {
        struct Metadata: Decodable {
            let resourceVersion: String
            let `continue`: String?
            let remainingItemCount: Int?
        }

        struct Item: Decodable {
            struct Metadata: Decodable {
                let name: String
            }

            let metadata: Metadata
        }

        let metadata: Metadata
        let items: [Item]
    }

    private func page(_ query: String) async throws -> Page {
        let response = try await HTTPGet.fetch("\(api.url)\(slices)?\(query)")
        return try JSONDecoder().decode(Page.self, from: Data(response.body))
    }

    /// The recorded pages of the pods, made anew out of the whole list.
    @Test func pagesAreTheRecordedOnes() throws {
        let list = try ObjectList(Recording("3/list/pods-selected.json").body)
        let first = try Recording("3/paged/pods-page-01.json")
        let token = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MzUxLCJzdGFydCI6Ii9oZWFydG1lc2gtMDAwMDFcdTAwMDAifQ"
        #expect(list.document(of: Array(list.objects.prefix(2)), next: token) == first.body)
        #expect(try list.document(of: Array(list.objects.suffix(1))) == Recording("3/paged/pods-page-02.json").body)
        #expect(ContinueToken(version: 351, after: "heartmesh-00001").text == token)
        #expect(ContinueToken(token) == ContinueToken(version: 351, after: "heartmesh-00001"))
        let expired = try Recording("3/errors/410-continue.json").text
        #expect(expired.contains(ContinueToken(version: -1, after: "heartmesh-00000").text))
    }

    @Test func aListFromTheCacheComesWholeWhateverItsLimit() async throws {
        #expect(try await page("limit=7&resourceVersion=0").items.count == 20)
        api.givePagesOfCachedLists()
        #expect(try await page("limit=7&resourceVersion=0").items.count == 7)
    }

    @Test(arguments: ["", "&labelSelector=kubernetes.io/service-name%3Dheartmesh"])
    func pagesMakeUpTheListAsItWas(selector: String) async throws {
        let names = api.endpointSlices?.objects.map(\.name) ?? []
        let first = try await page("limit=7" + selector)
        try api.change { $0.removeAll() }
        let second = try await page("limit=7&continue=\(first.metadata.continue ?? "")" + selector)
        let third = try await page("limit=7&continue=\(second.metadata.continue ?? "")" + selector)
        #expect((first.items + second.items + third.items).map(\.metadata.name) == names)
        #expect([first, second, third].map(\.metadata.resourceVersion) == ["6660", "6660", "6660"])
        #expect(third.metadata.continue == nil)
        let remaining = [first, second, third].map(\.metadata.remainingItemCount)
        #expect(remaining == (selector.isEmpty ? [13, 6, nil] : [nil, nil, nil]))
    }

    @Test func anExpiredTokenIsAnsweredWithAnotherOne() async throws {
        let names = api.endpointSlices?.objects.map(\.name) ?? []
        let first = try await page("limit=7")
        api.compact()
        let url = "\(api.url)\(slices)?limit=50&continue="
        let gone = try await HTTPGet.fetch(url + (first.metadata.continue ?? ""))
        #expect(gone.statusLine == "HTTP/1.1 410 Gone")
        struct Status: Decodable {
            let metadata: Page.Metadata
            let reason: String

            struct Page { struct Metadata: Decodable { let `continue`: String } }
        }
        let status = try JSONDecoder().decode(Status.self, from: Data(gone.body))
        #expect(status.reason == "Expired")
        let rest = try await page("limit=50&continue=" + status.metadata.continue)
        #expect((first.items + rest.items).map(\.metadata.name) == names)
        #expect(try await HTTPGet.fetch(url + "garbage!").status == 400)
    }
}
