import Mesh
import Support
import Testing

@testable import Discovery

/// Answers with status 200 that miss peers.
struct KubernetesSourceShrinkTests {
    private let api: RecordedAPI
    private let slice = "heartmesh-dwltc"
    /// The slice of the IPv4 addresses, in the pieces that end with an endpoint.
    private let pieces: [String]

    init() throws {
        api = try RecordedAPI(serving: "100/list/endpointslices-of-service.json")
        let text = try #require(api.endpointSlices?.objects.first { $0.name == "heartmesh-dwltc" }?.text)
        pieces = text.split(separator: #"},{"addresses""#).map(String.init)
        #expect(pieces.count == 99)
        try api.change { try $0.remove("heartmesh-r22rh") }
        // Of which there is a half.
        try leave(98)
        #expect(try api.topology().peers.count == 98)
    }

    private func leave(_ count: Int) throws {
        let kept = pieces.prefix(count).joined(separator: #"},{"addresses""#)
        let ports = #"],"ports":[{"name":"http","protocol":"TCP","port":8900}]}"#
        try api.change { try $0.edit(slice) { $0 = Array((kept + "}" + ports).utf8) } }
    }

    @Test func halfIsBelieved() throws {
        let watch = try Watch(api)
        try watch.next()
        try leave(49)
        #expect(try watch.next().topology?.peers.count == 49)
    }

    @Test func lessThanHalfIsBelievedAtTheSecondLook() throws {
        let watch = try Watch(api)
        try watch.next()
        try leave(48)
        #expect(try watch.next() == .failed(.shrunk))
        #expect(watch.witness.failures[0].description == "EndpointSlices of heartmesh: 48 peers instead of 98")
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(try watch.next() == .confirmed)
    }

    /// A server's cache that is not filled yet shows the rest a moment later.
    @Test func whatComesBackInTimeWasNeverGone() throws {
        let watch = try Watch(api)
        try watch.next()
        try leave(10)
        #expect(try watch.next() == .failed(.shrunk))
        try leave(98)
        #expect(try watch.next() == .confirmed)
        // And that look does not count for the next time, nor does one after which all is exactly as it was.
        let all = try #require(api.endpointSlices)
        try leave(10)
        #expect(try watch.next() == .failed(.shrunk))
        try api.change { $0 = all }
        #expect(try watch.next() == .confirmed)
        try leave(10)
        #expect(try watch.next() == .failed(.shrunk))
    }

    @Test func eachLossIsDoubtedAnew() throws {
        let watch = try Watch(api)
        try watch.next()
        try leave(40)
        #expect(try watch.next() == .failed(.shrunk))
        #expect(try watch.next().topology?.peers.count == 40)
        try leave(4)
        #expect(try watch.next() == .failed(.shrunk))
        #expect(try watch.next().topology?.peers.count == 4)
    }

    /// A second look that misses most of what the first one had left does not confirm it.
    @Test func aLossThatGrowsIsDoubtedAgain() throws {
        let watch = try Watch(api)
        try watch.next()
        try leave(40)
        #expect(try watch.next() == .failed(.shrunk))
        try leave(4)
        #expect(try watch.next() == .failed(.shrunk))
        #expect(try watch.next().topology?.peers.count == 4)
    }

    @Test func aFailureInBetweenConfirmsNothing() throws {
        let watch = try Watch(api)
        try watch.next()
        try leave(10)
        #expect(try watch.next() == .failed(.shrunk))
        api.fail(.serverError, next: 1)
        #expect(try watch.next() == .failed(.serverError))
        #expect(try watch.next().topology?.peers.count == 10)
    }

    /// This exporter itself is a peer: a list without any is wrong.
    @Test func anEmptyListIsNeverBelieved() throws {
        let watch = try Watch(api)
        try watch.next()
        let all = try #require(api.endpointSlices)
        try api.change { $0.removeAll() }
        for _ in 0..<5 { #expect(try watch.next() == .failed(.shrunk)) }
        // Nor does it make a shrunk one believable.
        try api.change { $0 = all }
        try leave(10)
        #expect(try watch.next() == .failed(.shrunk))
        try leave(98)
        #expect(try watch.next() == .confirmed)
        #expect(watch.witness.topologies.count == 1)
    }

    @Test func slicesWithoutEndpointsAreNotBelievedEither() throws {
        let watch = try Watch(api)
        try watch.next()
        for node in try api.topology().peers.map(\.node) { try api.change { try $0.removeEndpoints(ofNode: node) } }
        for _ in 0..<3 { #expect(try watch.next() == .failed(.shrunk)) }
    }

    /// Another Service's name, or a Service that selects nothing.
    @Test func aFirstListWithoutPeersIsAFailure() throws {
        let watch = try Watch(api, service: "other")
        #expect(try watch.next() == .failed(.shrunk))
        #expect(try watch.next() == .failed(.shrunk))
        #expect(watch.witness.failures[0].description == "EndpointSlices of other: 0 peers instead of 0")
    }

    @Test func theFailureTellsWhyNoPeerCanBeUsed() throws {
        let slice = #"{"metadata":{"name":"s","resourceVersion":"1"},"addressType":"IPv4","endpoints":[{}],"ports":[]}"#
        let list = #"{"kind":"EndpointSliceList","items":[\#(slice)]}"#
        let server = try StubServer { _ in [.bytes(StubServer.response(body: list))] }
        let watch = try Watch(APIServer(url: server.url))
        #expect(try watch.next() == .failed(.shrunk))
        #expect(
            watch.witness.failures[0].description
                == "EndpointSlices of heartmesh: 0 peers instead of 0; EndpointSlice s: no port named http")
    }
}
