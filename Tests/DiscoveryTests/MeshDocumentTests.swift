import Documents
import Mesh
import Testing

@testable import Discovery

struct MeshDocumentTests {
    private func topology(_ text: String) throws -> Topology {
        try MeshDocument(Array(text.utf8), name: "peers.yaml").topology { _ in nil }
    }

    /// The one of the design, with a second peer.
    @Test func peersSpelledOut() throws {
        let topology = try topology(
            """
            peers:
              - {node: node-b, addresses: [192.0.2.7]}
              - {node: node-a, zone: z1, addresses: [127.0.0.11, "::1"], port: 8874, nodeAddresses: [127.0.0.11]}
            services: []                  # later
            """)
        #expect(
            topology.peers == [
                Peer(
                    node: "node-a", zone: "z1", addresses: addresses("127.0.0.11", "::1"), port: 8874,
                    nodeAddresses: addresses("127.0.0.11")),
                Peer(node: "node-b", zone: "", addresses: addresses("192.0.2.7"), port: 8873, state: .active),
            ])
    }

    @Test func theSameInJSON() throws {
        let text =
            #"{"peers": [{"node": "node-a", "addresses": ["::ffff:192.0.2.1", "2001:DB8::1"], "nodeAddresses": []}]}"#
        #expect(try topology(text).peers.map(\.addresses) == [addresses("::ffff:c000:201", "2001:db8::1")])
    }

    /// A mesh of the future: nobody is there yet.
    @Test(arguments: ["peers: []", #"{"peers": [], "services": null}"#, "peers: []\nservices:"])
    func noPeers(text: String) throws {
        #expect(try topology(text).peers.isEmpty)
    }

    @Test func namesOfEveryKind() throws {
        let names = ["a", "0", "node.example.org", "A_b-c.D", String(repeating: "x", count: 253)]
        let text = names.map { "  - {node: \"\($0)\", zone: \"\($0)\", addresses: [10.0.0.1]}\n" }.joined()
        #expect(try topology("peers:\n" + text).peers.map(\.node) == names.sorted())
    }

    @Test(arguments: [1, 65535]) func portsFromEndToEnd(port: UInt16) throws {
        #expect(try topology("peers: [{node: a, addresses: [10.0.0.1], port: \(port)}]").peers[0].port == port)
    }

    @Test func anAddressThatStandsTwiceCountsOnce() throws {
        #expect(
            try topology("peers: [{node: a, addresses: [10.0.0.1, \"::1\", 10.0.0.1, \"0:0::1\"]}]").peers[0].addresses
                == addresses("10.0.0.1", "::1"))
    }

    private static let badName = Identity.complaint(aboutName: "a b") ?? ""

    @Test(arguments: [
        ("", "1:1: peers: is required"), ("services: []", "1:1: peers: is required"),
        ("peers:", "1:1: peers: is required"),
        ("peers: {}", "1:8: peers: a list is expected here, not a mapping"),
        ("- node: a", "1:1: a mapping is expected here, not a list"),
        ("peers: [a]", "1:9: peers[0]: a mapping is expected here, not \"a\""),
        ("peers: [{addresses: [10.0.0.1]}]", "1:9: peers[0].node: is required"),
        ("peers: [{node: a}]", "1:9: peers[0].addresses: is required"),
        ("peers: [{node: a, addresses: []}]", "1:30: peers[0].addresses: at least one address is expected here"),
        (
            "peers: [{node: a, addresses: 10.0.0.1}]",
            "1:30: peers[0].addresses: a list is expected here, not \"10.0.0.1\""
        ),
        (
            "peers: [{node: a, addresses: [10.0.0.256]}]",
            "1:31: peers[0].addresses[0]: \"10.0.0.256\" is not an IP address"
        ),
        (
            "peers: [{node: a, addresses: [10.0.0.1, a.example]}]",
            "1:41: peers[0].addresses[1]: \"a.example\" is not an IP address"
        ),
        (
            "peers: [{node: a, addresses: [10.0.0.1/24]}]",
            "1:31: peers[0].addresses[0]: \"10.0.0.1/24\" is not an IP address"
        ),
        (
            "peers: [{node: a, addresses: ['fe80::1%eth0']}]",
            "1:31: peers[0].addresses[0]: \"fe80::1%eth0\" is not an IP address"
        ),
        (
            "peers: [{node: a, addresses: [10.0.0.1], nodeAddresses: [b]}]",
            "1:58: peers[0].nodeAddresses[0]: \"b\" is not an IP address"
        ),
        ("peers: [{node: a, addresses: [10.0.0.1], port: 0}]", "1:48: peers[0].port: 0 is out of range: 1 to 65535"),
        (
            "peers: [{node: a, addresses: [10.0.0.1], port: 65536}]",
            "1:48: peers[0].port: 65536 is out of range: 1 to 65535"
        ),
        (
            "peers: [{node: a, addresses: [10.0.0.1], port: http}]",
            "1:48: peers[0].port: \"http\" is not a whole number"
        ),
        (
            "peers:\n  - {node: a, addresses: [10.0.0.1]}\n  - {node: b, addresses: [10.0.0.1]}\n  - {node: a, addresses: [10.0.0.1]}",
            "4:5: peers[2]: the node a is listed twice"
        ),
        (
            "peers: [{node: a, addresses: [10.0.0.1], adresses: 1}]",
            "1:42: peers[0].adresses: unknown key (did you mean \"addresses\"?)"
        ),
        ("peers: []\npeer: []", "2:1: peer: unknown key (did you mean \"peers\"?)"),
        ("peers: []\nservices: [{}]", "2:12: services[0].channel: is required"),
        ("peers: []\nservices: {}", "2:11: services: a list is expected here, not a mapping"),
        ("peers: [{node: a b, addresses: [10.0.0.1]}]", "1:16: peers[0].node: \"a b\" \(badName)"),
        ("peers: [{node: '', addresses: [10.0.0.1]}]", "1:16: peers[0].node: \"\" \(badName)"),
        ("peers: [{node: -a, addresses: [10.0.0.1]}]", "1:16: peers[0].node: \"-a\" \(badName)"),
        ("peers: [{node: a;b, addresses: [10.0.0.1]}]", "1:16: peers[0].node: \"a;b\" \(badName)"),
        ("peers: [{node: a, zone: z/1, addresses: [10.0.0.1]}]", "1:25: peers[0].zone: \"z/1\" \(badName)"),
    ])
    func badDocuments(text: String, line: String) {
        let error = #expect(throws: DocumentError.self) { try topology(text) }
        #expect(error?.description == "peers.yaml:" + line)
    }

    @Test func allThatIsWrongIsTold() {
        let text = """
            peers:
              - {node: a, addresses: [x, 10.0.0.1, y]}
              - {addresses: [10.0.0.1], port: 0}
            extra: 1
            """
        let error = #expect(throws: DocumentError.self) { try topology(text) }
        #expect(
            error?.problems.map(\.description) == [
                "peers.yaml:2:27: peers[0].addresses[0]: \"x\" is not an IP address",
                "peers.yaml:2:40: peers[0].addresses[2]: \"y\" is not an IP address",
                "peers.yaml:3:5: peers[1].node: is required",
                "peers.yaml:3:35: peers[1].port: 0 is out of range: 1 to 65535", "peers.yaml:4:1: extra: unknown key",
            ])
    }

    @Test func aLargeMesh() throws {
        let lines = (0..<1000).map {
            "  - {node: node-\($0), zone: z\($0 % 3), addresses: [10.0.\($0 >> 8).\($0 & 0xff)]}\n"
        }
        #expect(try topology("peers:\n" + lines.joined()).peers.count == 1000)
    }

    @Test func networksSpelledOut() throws {
        let peer = try topology(
            """
            peers:
              - node: a
                addresses: [10.0.0.1]
                networks:
                  - {network: heartmesh/storage, addresses: [10.1.0.1, "fd01::1"]}
                  - {network: rdma, addresses: []}
            """
        ).peers[0]
        #expect(
            peer.networks
                == addresses("10.1.0.1", "fd01::1").map { NetworkAddress(network: "heartmesh/storage", address: $0) })
    }
}
