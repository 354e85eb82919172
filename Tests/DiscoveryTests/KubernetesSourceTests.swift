import Mesh
import Support
import Testing

@testable import Discovery

private let ipv4Slice = "heartmesh-4c7dw"
private let ipv6Slice = "heartmesh-q5zfh"

struct KubernetesSourceTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI(serving: threeNodes)
    }

    @Test func theFirstLookTakesTheWholeList() throws {
        let watch = try Watch(api)
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(api.exchanges.count == 1)
        let request = api.exchanges[0].request
        #expect(request.path == "/apis/discovery.k8s.io/v1/namespaces/heartmesh/endpointslices")
        #expect(
            request.query == [
                "labelSelector": "kubernetes.io/service-name=heartmesh", "limit": "500", "resourceVersion": "0",
            ])
        #expect(request.headers["Accept"] == "application/json")
        #expect(request.headers["Accept-Encoding"] == "gzip")
        #expect(request.headers["User-Agent"] == "heartmesh/1.2.3")
        #expect(request.headers["Authorization"] == nil)
    }

    @Test func laterLooksTakeTheVersionsOnly() throws {
        let watch = try Watch(api)
        try watch.next()
        api.forgetExchanges()
        #expect(try watch.next() == .confirmed)
        #expect(try watch.next() == .confirmed)
        #expect(api.asked == ["versions", "versions"])
        let request = api.exchanges[0].request
        #expect(
            request.query == [
                "labelSelector": "kubernetes.io/service-name=heartmesh", "limit": "500", "resourceVersion": "0",
            ])
        #expect(request.headers["Accept"] == "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
        #expect(request.headers["User-Agent"] == "heartmesh/1.2.3")
        // Kept from look to look.
        #expect(api.exchanges.map(\.connection) == [1, 1])
    }

    @Test func aSliceThatChangedIsFetchedAlone() throws {
        let watch = try Watch(api)
        try watch.next()
        try api.change { try $0.setAddress("10.64.1.99", ofNode: "node-00001") }
        api.forgetExchanges()
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(
            watch.witness.told.last?.topology?["node-00001"]?.addresses == addresses("10.64.1.99", "fd00:64:0:1::a"))
        #expect(api.asked == ["versions", ipv4Slice])
        #expect(api.exchanges[1].request.headers["Accept"] == "application/json")
        #expect(api.exchanges[1].request.query.isEmpty)
        #expect(try watch.next() == .confirmed)
    }

    @Test func manySlicesThatChangedAreListed() throws {
        let watch = try Watch(api)
        try watch.next()
        try api.change { try $0.setConditions(.notReady, ofNode: "node-00002") }
        api.forgetExchanges()
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(watch.witness.told.last?.topology?["node-00002"]?.state == .notReady)
        #expect(api.asked == ["versions", "list"])
    }

    @Test func severalSlicesAreFetchedOneAfterTheOther() throws {
        try api.serve(endpointSlices: "1000/list/endpointslices-of-service.json")
        let watch = try Watch(api)
        try watch.next()
        // Two of twenty.
        try api.change { try $0.setConditions(.notReady, ofNode: "node-00777") }
        api.forgetExchanges()
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(api.asked.count == 3 && api.asked[0] == "versions" && !api.asked.contains("list"))
    }

    /// Between the list of versions and the request for the slice.
    @Test func aSliceThatIsGoneByThenIsDropped() throws {
        let watch = try Watch(api)
        try watch.next()
        try api.change { try $0.setAddress("10.64.1.99", ofNode: "node-00001") }
        api.fail(.answer(try Recording("3/errors/404-service.json")), next: 1) { $0.path.hasSuffix(ipv4Slice) }
        let topology = try #require(try watch.next().topology)
        #expect(topology.peers.map(\.node) == ["node-00000", "node-00001", "node-00002"])
        #expect(topology.peers.allSatisfy { $0.addresses.map(\.family) == [.ipv6] })
        // It is there after all.
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
    }

    @Test func aSliceThatIsGoneFromTheListIsDropped() throws {
        let watch = try Watch(api)
        try watch.next()
        try api.change { try $0.remove(ipv6Slice) }
        api.forgetExchanges()
        let topology = try #require(try watch.next().topology)
        #expect(topology.peers.allSatisfy { $0.addresses.map(\.family) == [.ipv4] })
        #expect(api.asked == ["versions"])
    }

    /// A version may change with nothing that is wanted: annotations, labels, managed fields.
    @Test func aPeerThatGoesAndOneThatComes() throws {
        let watch = try Watch(api)
        try watch.next()
        try api.change { try $0.removeEndpoints(ofNode: "node-00000") }
        #expect(try watch.next().topology?.peers.map(\.node) == ["node-00001", "node-00002"])
        try api.serve(endpointSlices: threeNodes)
        #expect(try watch.next().topology?.peers.count == 3)
    }

    @Test func whatCannotBeUsedIsToldOnce() throws {
        try api.change { try $0.removeNodeName("node-00001") }
        let watch = try Watch(api)
        let told = try watch.next()
        #expect(
            told
                == .discovered(
                    try api.topology(),
                    invalid: [
                        "EndpointSlice \(ipv4Slice): no node name for 10.64.1.10",
                        "EndpointSlice \(ipv6Slice): no node name for fd00:64:0:1::a",
                    ]))
        #expect(told.topology?.peers.map(\.node) == ["node-00000", "node-00002"])
        #expect(try watch.next() == .confirmed)
    }

    /// The server may close a connection that nothing was asked on for a while.
    @Test func aConnectionThatWasClosedIsOpenedAgain() throws {
        let watch = try Watch(api)
        try watch.next()
        api.hangUp()
        #expect(try watch.next() == .confirmed)
        #expect(api.exchanges.map(\.connection) == [1, 2])
    }
}
