import Documents
import Mesh
import Support
import Testing

@testable import Discovery

/// A slice with these members after its metadata.
private func slice(_ members: String) throws(JSONError) -> EndpointSlice {
    try EndpointSlice(document: Array(#"{"metadata":{"name":"s","resourceVersion":"7"},\#(members)}"#.utf8))
}

private func endpoint(_ members: String) throws -> EndpointSlice.Endpoint {
    try #require(try slice(#""endpoints":[{\#(members)}]"#).endpoints.first)
}

struct EndpointSliceTests {
    /// As the API server gave it by its name.
    @Test func oneSliceOfFiveThousandPeers() throws {
        let slice = try EndpointSlice(document: Recording("5000/endpointslice.json").body)
        #expect(slice.name == "heartmesh-headless-2845r")
        #expect(slice.resourceVersion == "27752")
        #expect(slice.addressType == "IPv4")
        #expect(slice.port == 8900)
        #expect(slice.endpoints.count == 100)
        #expect(slice.endpoints.allSatisfy { $0.addresses.count == 1 && $0.otherAddresses.isEmpty })
        #expect(Set(slice.endpoints.map(\.pod)).count == 100)
        #expect(Set(slice.endpoints.map(\.zone)) == ["lab-1a", "lab-1b", "lab-1c"])
        let whole = try ListPage(
            document: Recording("5000/endpointslices-of-service.json").body, item: EndpointSlice.init)
        #expect(whole.items.contains(slice))
    }

    /// Recorded behind a Service with `publishNotReadyAddresses`, a pod that crashes again and again.
    @Test func aPodThatIsNotServingIsNotReadyWhateverReadySays() throws {
        let endpoint = try endpoint(
            #""addresses":["10.64.14.10"],"conditions":{"ready":true,"serving":false,"terminating":false},"#
                + #""targetRef":{"kind":"Pod","namespace":"heartmesh","name":"heartmesh-00014","#
                + #""uid":"5b2d43e9-9231-4a48-a068-a0a541ef435f"},"nodeName":"node-00014","zone":"lab-1c""#)
        #expect(endpoint.state == .notReady)
        #expect(endpoint.node == "node-00014")
        #expect(endpoint.zone == "lab-1c")
        #expect(endpoint.pod == "5b2d43e9-9231-4a48-a068-a0a541ef435f")
        #expect(endpoint.addresses == addresses("10.64.14.10"))
    }

    /// A condition that is absent counts as ready (EndpointConditions of discovery.k8s.io/v1).
    @Test(arguments: [
        ("", PeerState.active), (#""ready":true"#, .active), (#""ready":false"#, .notReady),
        (#""serving":true"#, .active),
        (#""serving":false"#, .notReady), (#""ready":false,"serving":true"#, .active),
        (#""ready":true,"serving":true,"terminating":true"#, .draining),
        (#""ready":false,"serving":false,"terminating":true"#, .draining), (#""terminating":true"#, .draining),
        (#""terminating":false"#, .active), (#""ready":null,"serving":null,"terminating":null"#, .active),
        (#""ready":false,"serving":null"#, .notReady), (#""later":{"a":[1]},"serving":false"#, .notReady),
    ])
    func statesOfConditions(conditions: String, expected: PeerState) throws {
        #expect(try endpoint(#""conditions":{\#(conditions)}"#).state == expected)
    }

    @Test func withoutConditionsItIsActive() throws {
        #expect(try endpoint("").state == .active)
    }

    @Test(arguments: [
        (
            #"[{"name":"http","protocol":"TCP","port":8900},{"name":"beat","protocol":"UDP","port":8901}]"#,
            8900 as UInt16?
        ),
        (#"[{"name":"beat","port":8901},{"name":"http","port":1},{"name":"https","port":2}]"#, 1),
        (#"[{"port":65535,"name":"http"}]"#, 65535), (#"[{"name":"https","port":6443}]"#, nil),
        (#"[{"name":"","port":80}]"#, nil),
        (#"[{"name":null,"port":80}]"#, nil), (#"[{"port":80}]"#, nil), (#"[{"name":"http"}]"#, nil), ("[]", nil),
        ("null", nil),
        (#"[{"name":"http","port":65536}]"#, nil), (#"[{"name":"http","port":-1}]"#, nil),
    ])
    func thePortIsTheOneNamedHTTP(ports: String, expected: UInt16?) throws {
        #expect(try slice(#""ports":\#(ports)"#).port == expected)
    }

    /// As in the bookmarks of a watch.
    @Test func nullEndpointsAreNone() throws {
        let slice = try slice(#""addressType":"","endpoints":null,"ports":null"#)
        #expect(slice.endpoints.isEmpty)
        #expect(slice.port == nil)
        #expect(slice.name == "s" && slice.resourceVersion == "7")
    }

    /// The slice of `default/kubernetes` is written by the API server itself: no node, no zone, no pod.
    @Test func endpointsThatAreNotPods() throws {
        let page = try ListPage(
            document: Recording("3/list/endpointslices-kubernetes.json").body, item: EndpointSlice.init)
        let slice = try #require(page.items.first)
        #expect(page.items.count == 1)
        #expect(slice.port == nil)
        #expect(slice.endpoints.count == 1)
        #expect(slice.endpoints[0].node == nil && slice.endpoints[0].zone == nil && slice.endpoints[0].pod == nil)
        #expect(slice.endpoints[0].state == .active)
    }

    @Test func whatMayBeNullMayBeNull() throws {
        let endpoint = try endpoint(
            #""addresses":["10.0.0.1"],"nodeName":null,"zone":null,"targetRef":{"name":"pod-a","uid":null},"hints":null"#
        )
        #expect(endpoint.node == nil && endpoint.zone == nil)
        #expect(endpoint.pod == "pod-a")
    }

    @Test func namesAreNoAddresses() throws {
        let endpoint = try endpoint(#""addresses":["a.example","10.0.0.256","fd00::1","10.0.0.1"]"#)
        #expect(endpoint.addresses == addresses("fd00::1", "10.0.0.1"))
        #expect(endpoint.otherAddresses == ["a.example", "10.0.0.256"])
    }

    @Test(arguments: [
        "{}", "[]", "null", #"{"metadata":{"resourceVersion":"7"}}"#, #"{"metadata":{"name":""}}"#,
        #"{"metadata":null}"#,
        #"{"metadata":{"name":"s"},"endpoints":{}}"#, #"{"metadata":{"name":"s"},"endpoints":[[]]}"#,
        #"{"metadata":{"name":"s"},"ports":[{"name":"http","port":"80"}]}"#, #"{"metadata":{"name":"s"}} x"#,
        #"{"metadata":{"name":"s"},"endpoints":[{"conditions":{"ready":"true"}}]}"#,
    ])
    func otherDocumentsAreRefused(text: String) {
        #expect(throws: JSONError.self) { try EndpointSlice(document: Array(text.utf8)) }
    }
}

/// What the recorded lists hold; their README says which states were set up.
struct RecordedSlicesTests {
    @Test(arguments: [
        ("3/list/endpointslices-of-service.json", 2, 6, 3, 0, 0),
        ("3-daemonset/list/endpointslices.json", 2, 6, 3, 0, 0),
        ("100/list/endpointslices-of-service.json", 2, 197, 99, 1, 1),
        ("1000/list/endpointslices-of-service.json", 20, 1997, 999, 1, 1),
        ("5000/endpointslices-of-service.json", 100, 10_000, 5000, 0, 0),
    ])
    func everyEndpointIsThere(
        path: String, slices: Int, endpoints: Int, peers: Int, notReady: Int, draining: Int
    ) throws {
        let page = try ListPage(document: Recording(path).body, item: EndpointSlice.init)
        #expect(page.items.count == slices)
        #expect(page.items.map(\.endpoints.count).reduce(0, +) == endpoints)
        #expect(page.items.allSatisfy { $0.port == 8900 && !$0.resourceVersion.isEmpty })
        #expect(page.continuation == nil)
        var cache = SliceCache()
        cache.replaceAll(with: page.items)
        let found = cache.peers()
        #expect(found.invalid.isEmpty)
        #expect(found.topology.peers.count == peers)
        #expect(found.topology.peers.filter { $0.state == .notReady }.count == notReady)
        #expect(found.topology.peers.filter { $0.state == .draining }.count == draining)
        let isDual = { (peer: Peer) in Set(peer.addresses.map(\.family)) == [.ipv4, .ipv6] && peer.addresses.count == 2
        }
        #expect(
            found.topology.peers.filter { !isDual($0) }.map(\.node)
                == (peers == 99 || peers == 999 ? ["node-00017"] : []))
        #expect(Set(found.topology.peers.map(\.zone)) == ["lab-1a", "lab-1b", "lab-1c"])
    }

    @Test func theUnusualStatesOfAHundredNodes() throws {
        var cache = SliceCache()
        cache.replaceAll(
            with: try ListPage(
                document: Recording("100/list/endpointslices-of-service.json").body, item: EndpointSlice.init
            ).items)
        let peers = cache.peers().topology
        // Pending, without addresses.
        #expect(peers["node-00013"] == nil)
        #expect(peers["node-00014"]?.state == .notReady)
        #expect(peers["node-00015"]?.state == .draining)
        // One pod evicted, and one new.
        #expect(peers["node-00016"]?.state == .active)
        #expect(peers["node-00017"]?.addresses == addresses("10.64.17.10"))
        #expect(
            peers["node-00001"]
                == Peer(
                    node: "node-00001", zone: "lab-1b",
                    addresses: addresses("10.64.1.10", "fd00:64:0:1::a"), port: 8900,
                    pod: "d034ee08-6ab6-400c-8eb5-feb020c5f4bc"))
    }
}
