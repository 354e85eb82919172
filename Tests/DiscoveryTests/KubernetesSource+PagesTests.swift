import Mesh
import Support
import Testing

@testable import Discovery

/// Twenty slices in pages of seven. A real server gives pages when its cache is not ready yet.
struct KubernetesSourcePagesTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI(serving: "1000/list/endpointslices-of-service.json")
        api.givePagesOfCachedLists()
    }

    private func watch() throws -> Watch {
        try Watch(api) { $0.pageSize = 7 }
    }

    @Test func pagesMakeUpTheList() throws {
        let watch = try watch()
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(api.asked == ["list", "list", "list"])
        let queries = api.exchanges.map(\.request.query)
        #expect(queries.map { $0["limit"] } == ["7", "7", "7"])
        // A page's token stands for the version of the first page, and a server refuses both together.
        #expect(queries.map { $0["resourceVersion"] } == ["0", nil, nil])
        #expect(queries.map { $0["continue"] == nil } == [true, false, false])
        #expect(Set(queries.map { $0["labelSelector"] }) == ["kubernetes.io/service-name=heartmesh"])
        #expect(watch.witness.receivedBytes.count == 3)
    }

    @Test func versionsComeInPagesToo() throws {
        let watch = try watch()
        try watch.next()
        api.forgetExchanges()
        #expect(try watch.next() == .confirmed)
        #expect(api.asked == ["versions", "versions", "versions"])
        #expect(api.exchanges.allSatisfy { $0.request.isForVersions })
    }

    /// etcd is compacted between two pages. Half of a list is never told.
    @Test func aPageThatIsGoneHealsWithTheNextLook() throws {
        api.fail(.gone, next: 1) { $0.query["continue"] != nil }
        let watch = try watch()
        #expect(try watch.next() == .failed(.gone))
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        api.fail(.gone, next: 1) { $0.query["continue"] != nil && $0.isForVersions }
        try api.change { try $0.setConditions(.notReady, ofNode: "node-00777") }
        #expect(try watch.next() == .failed(.gone))
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(watch.witness.told.count == 4)
    }

    @Test func aPageThatBreaksOffLosesNothing() throws {
        let watch = try watch()
        try watch.next()
        // Three of twenty: more than a seventh, so that the list is taken.
        for node in ["node-00001", "node-00777"] { try api.change { try $0.setConditions(.notReady, ofNode: node) } }
        api.fail(.halfBody, next: 1) { $0.query["continue"] != nil && !$0.isForVersions }
        #expect(try watch.next() == .failed(.reset))
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
    }

    /// Something in between answers each page with the first one.
    @Test func aListWithoutEndEnds() throws {
        let page = #"{"kind":"EndpointSliceList","metadata":{"continue":"again"},"items":[]}"#
        let server = try StubServer { _ in [.bytes(StubServer.response(body: page))] }
        let watch = try Watch(APIServer(url: server.url))
        #expect(try watch.next() == .failed(.invalid))
        #expect(server.requests.count == 100)
        #expect(watch.witness.failures[0].description == "EndpointSlices of heartmesh: the list does not end")
    }
}
