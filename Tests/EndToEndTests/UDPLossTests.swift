import Foundation
import Glibc
import Support
import Testing

/// ip(8) and nft(8) are there, and this process may use them.
let canMakeNamespaces =
    geteuid() == 0
    && ["ip", "nft"].allSatisfy { tool in
        ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
        }
    }

/// Two exporters in a network namespace that drops the datagrams of one way.
@Suite(.serialized, .enabled(if: canMakeNamespaces)) struct UDPLossTests {
    /// What is dropped, and what node-a must say of its probes of node-b. Dropped where it comes in: a sender whose own
    /// rules drop its datagrams is told so.
    enum Way: String, CaseIterable {
        case request = "ip daddr 127.0.0.12 udp dport 8873"
        case reply = "ip saddr 127.0.0.12 udp sport 8873"
    }

    @Test(arguments: Way.allCases) func theLostWayIsTold(way: Way) async throws {
        let mesh = try LossyMesh()
        // Nobody is probed before it is up.
        for node in ["a", "b"] {
            try await eventually(within: .seconds(20), "node-\(node) is up") {
                try await mesh.value(node, "heartmesh_build_info") == 1
            }
        }
        try mesh.list()
        try await eventually(within: .seconds(20), "node-a and node-b probe each other") {
            let name = "heartmesh_probe_duration_seconds_count"
            let a = try await mesh.value("a", name, ["protocol": "udp"]) ?? 0
            let b = try await mesh.value("b", name, ["protocol": "udp"]) ?? 0
            return a >= 5 && b >= 5
        }
        try mesh.drop(way.rawValue)
        let (lost, other) = way == .request ? ("request", "reply") : ("reply", "request")
        try await eventually(within: .seconds(20), "node-a says which way its datagrams get lost") {
            try await mesh.value("a", "heartmesh_udp_\(lost)_lost_total") ?? 0
        } until: {
            $0 >= 10
        }
        // Nothing but that: the other way, the other node's probes, the connections.
        #expect(try await mesh.value("a", "heartmesh_udp_\(other)_lost_total") == 0)
        for name in ["heartmesh_udp_request_lost_total", "heartmesh_udp_reply_lost_total"] {
            #expect(try await mesh.value("b", name) == 0)
        }
        #expect(try await mesh.value("b", "heartmesh_probe_failures_total", ["protocol": "udp"]) == 0)
        #expect(try await mesh.value("a", "heartmesh_peer_probe_failures_total") == 0)
        #expect(try await mesh.value("a", "heartmesh_probe_failure_reasons_total") ?? 0 >= 10)
        // Those that it lost are told to the end when the way is free again, and no more come. A busy machine may have
        // answered some too late.
        try mesh.dropNothing()
        try await eventually(within: .seconds(20), "all that failed has been told") {
            let scrape = try await mesh.scrape("a")
            return [
                scrape.sum("heartmesh_udp_\(lost)_lost_total")
                    + scrape.sum("heartmesh_udp_unexpected_replies_total", ["kind": "late"]),
                scrape.sum("heartmesh_probe_failure_reasons_total", ["protocol": "udp", "reason": "timeout"]),
            ]
        } until: {
            $0[0] == $0[1]
        }
    }
}

/// node-a at 127.0.0.11, node-b at 127.0.0.12.
final class LossyMesh {
    private let namespace: NetworkNamespace
    private let folder: TemporaryFolder
    private(set) var processes: [String: Running] = [:]

    /// - Parameter name: Of its own for each suite.
    init(_ name: String = "udp", timeout: String = "500ms") throws {
        namespace = NetworkNamespace("hm\(getpid())-1-\(name)")
        folder = try TemporaryFolder()
        try folder.write("peers: []\n", "mesh.yaml")
        try folder.write(
            "discovery: {file: mesh.yaml}\nchannels: {pod: {interval: 100ms, timeout: \(timeout)}}\n", "heartmesh.yaml")
        try Self.run("ip", "netns", "add", namespace.name)
        try inside("ip", "link", "set", "lo", "up")
        try inside("nft", "add table inet t; add chain inet t in { type filter hook input priority 0; }")
        let path = folder.path
        for (name, number) in ["a": 11, "b": 12] {
            processes[name] = try namespace.runBlocking {
                try Running(
                    heartmeshBinary(),
                    [
                        "run", "--config.file=\(path)/heartmesh.yaml", "--node.name=node-\(name)",
                        "--web.listen-address=127.0.0.\(number):9873",
                        "--responder.listen-address=127.0.0.\(number):8873",
                    ])
            }
        }
    }

    deinit {
        for process in processes.values { process.stop() }
        try? Self.run("ip", "netns", "delete", namespace.name)
    }

    func list() throws {
        let peers = ["a": 11, "b": 12].map { name, number in
            "  - {node: node-\(name), addresses: [127.0.0.\(number)], port: 8873}\n"
        }
        try folder.write("peers:\n" + peers.joined(), "mesh.yaml")
    }

    func drop(_ match: String) throws { try inside("nft", "add rule inet t in \(match) drop") }

    func dropNothing() throws { try inside("nft", "flush chain inet t in") }

    func scrape(_ node: String) async throws -> Scrape {
        let url = "http://127.0.0.\(node == "a" ? 11 : 12):9873/metrics"
        return try await namespace.run { try Scrape(HTTPGet.fetchBlocking(url, timeout: .seconds(5)).text) }
    }

    /// The sum over all series; nil while there are none.
    func value(_ node: String, _ name: String, _ labels: [String: String] = [:]) async throws -> Double? {
        let samples = try await scrape(node).samples(name, labels)
        return samples.isEmpty ? nil : samples.map(\.value).reduce(0, +)
    }

    private func inside(_ words: String...) throws {
        try Self.run(["ip", "netns", "exec", namespace.name] + words)
    }

    private static func run(_ words: String...) throws { try run(words) }

    private static func run(_ words: [String]) throws {
        let running = try Running(words[0], Array(words.dropFirst()))
        let exit = running.waitForExit()
        guard exit == .code(0) else { throw Failed(description: "\(words): \(exit) \(running.errorText)") }
    }

    private struct Failed: Error, CustomStringConvertible {
        let description: String
    }
}
