import Documents
import Mesh
import Support
import Testing

@testable import Discovery

/// A topology with every kind of thing that one holds.
let fullTopology = Topology(
    [
        Peer(
            node: "node-a", zone: "z1", addresses: addresses("192.0.2.1", "2001:db8::1"), port: 8873,
            nodeAddresses: addresses("198.51.100.1", "2001:db8:1::1"),
            networks: [NetworkAddress(network: "heartmesh/storage-net", address: addresses("203.0.113.1")[0])],
            pod: "u-1"),
        Peer(node: "node-b", zone: "", addresses: addresses("192.0.2.2"), port: 1, state: .notReady),
    ],
    services: [
        Service(channel: .clusterIP, name: "heartmesh", port: 8873, addresses: addresses("198.51.100.9")),
        Service(channel: .nodePort, name: "heartmesh", port: 30873, families: [.ipv6]),
        Service(
            channel: .ingress, name: "beat.example/\"a\\b\u{1}\u{1f}é", probe: .https, host: "beat.example",
            path: "/beat", port: 443, unresolved: ["lb.example"]),
    ])

extension TopologyText {
    fileprivate init(_ document: TopologyDocument) {
        let topology = document.topology
        self.init(document.origin, time: document.time, peers: topology.peers, services: topology.services)
    }
}

struct TopologyDocumentTests {
    private let document = TopologyDocument(
        origin: TopologyDocument.Origin(mesh: "m", namespace: "n", service: "s", node: "node-a"), time: 1_764_000_000,
        topology: fullTopology)

    private func text(of document: TopologyDocument, piece: Int = .max / 2) -> (bytes: [UInt8], pieces: Int) {
        var text = TopologyText(document)
        var pieces = 1
        while !text.append(next: piece) { pieces += 1 }
        return (text.bytes, pieces)
    }

    @Test func whatIsWrittenIsRead() throws {
        #expect(try TopologyDocument(document: text(of: document).bytes) == document)
        let alone = TopologyDocument(
            origin: document.origin, time: 0, topology: Topology(Array(fullTopology.peers.prefix(1))))
        #expect(try TopologyDocument(document: text(of: alone).bytes) == alone)
    }

    @Test func whatItLooksLike() {
        let lines = String(decoding: text(of: document).bytes, as: UTF8.self).split(separator: "\n")
        #expect(
            lines[0] == #"{"kind":"HeartmeshTopology","version":1,"mesh":"m","namespace":"n","service":"s","#
                + #""node":"node-a","time":1764000000,"peers":["#)
        #expect(
            lines[2] == #"{"node":"node-b","zone":"","addresses":["192.0.2.2"],"port":1,"state":"not_ready","#
                + #""pod":"","nodeAddresses":[],"networks":[]}"#)
        #expect(lines.count == 8 && lines.last == "]}")
    }

    @Test(arguments: 1...6) func theTextIsTheSameInPieces(piece: Int) {
        let (bytes, pieces) = text(of: document, piece: piece)
        #expect(bytes == text(of: document).bytes)
        #expect(pieces == (5 + piece - 1) / piece)
    }

    @Test func aCutDocumentIsNone() {
        let bytes = text(of: document).bytes
        for count in 0..<bytes.count - 1 {
            #expect(throws: JSONError.self) { try TopologyDocument(document: Array(bytes.prefix(count))) }
        }
    }

    @Test(arguments: [
        (#""kind":"HeartmeshTopology""#, #""kind":"Pod""#), (#""version":1"#, #""version":2"#),
        ("192.0.2.2", "192.0.2.256"), (#""port":1,"#, #""port":65536,"#), (#""port":1,"#, #""port":0,"#),
        ("not_ready", "well"), (#""node":"node-b""#, #""node":"-""#), (#"["192.0.2.2"]"#, "[]"),
        (#""channel":"cluster_ip""#, #""channel":"heart""#), (#""probe":"https""#, #""probe":"gopher""#),
        (#""address":"203.0.113.1""#, #""other":"203.0.113.1""#), ("]}\n", "]}\n0"),
        ("1764000000", "yesterday"),
    ])
    func aDamagedDocumentIsNone(right: String, wrong: String) throws {
        let text = String(decoding: text(of: document).bytes, as: UTF8.self)
        let damaged = text.replacing(right, with: wrong, maxReplacements: 1)
        try #require(damaged != text)
        #expect(throws: JSONError.self) { try TopologyDocument(document: Array(damaged.utf8)) }
    }

    /// A later release may keep more.
    @Test func unknownKeysArePassedOver() throws {
        let text = String(decoding: text(of: document).bytes, as: UTF8.self)
            .replacing(#""port":1,"#, with: #""port":1,"more":{"x":[1]},"#)
        #expect(try TopologyDocument(document: Array(text.utf8)) == document)
    }

    /// What a recorded list of 5,000 peers takes, and how long each turn of the loop waits for it.
    @Test func fiveThousandPeers() throws {
        let topology = SliceCache(try slices(try Recording(fiveThousandNodes).body)).peers().topology
        #expect(topology.peers.count == 5000)
        let document = TopologyDocument(origin: document.origin, time: 1, topology: topology)
        var text = TopologyText(document)
        var longest = Duration.zero
        let clock = ContinuousClock()
        var isOver = false
        while !isOver {
            longest = max(longest, clock.measure { isOver = text.append(next: TopologyCache.piece) })
        }
        print("\(text.bytes.count) bytes; the longest of the pieces took \(longest)")
        #expect(try TopologyDocument(document: text.bytes) == document)
        #expect(text.bytes.count < 1_500_000)
    }
}
