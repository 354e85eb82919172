import Foundation
import Glibc
import Support
import Testing

/// ip(8) and setpriv(1) are there, and this process may use them.
private let canMakeNamespaces =
    geteuid() == 0
    && ["ip", "setpriv", "sysctl"].allSatisfy { tool in
        ["/usr/sbin", "/sbin", "/usr/bin", "/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
        }
    }

/// An exporter in a network namespace, with more or less permission to send ICMP.
@Suite(.serialized, .enabled(if: canMakeNamespaces)) struct ICMPTests {
    struct Permission: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let groups: String
        let hasCapability: Bool
    }

    private static let permitted = [
        Permission(testDescription: "by its group", groups: "0 2147483647", hasCapability: false),
        Permission(testDescription: "by CAP_NET_RAW", groups: "1 0", hasCapability: true),
    ]

    @Test(arguments: permitted) func nodesAndTargetsAreProbed(permission: Permission) async throws {
        let node = try Node(permission)
        try await eventually(within: .seconds(20), "both channels are probed over ICMP") {
            try await node.scrape()
        } until: { scrape in
            ["node", "url"].allSatisfy {
                let labels = ["channel": $0, "protocol": "icmp"]
                return scrape.sum("heartmesh_probe_duration_seconds_count", labels) >= 3
            }
        }
        let scrape = try await node.scrape()
        let labels = ["protocol": "icmp"]
        #expect(scrape.sum("heartmesh_probe_failures_total", labels) == 0)
        #expect(scrape.sum("heartmesh_icmp_unexpected_replies_total") == 0)
        #expect(scrape.samples("heartmesh_icmp_unexpected_replies_total").count == 3)
        #expect(scrape.samples("heartmesh_targets", ["state": "permission"]).isEmpty)
        #expect(scrape.sum("heartmesh_target_probes_total", labels.merging(["target": "self"]) { $1 }) >= 3)
        #expect(scrape.sum("heartmesh_probe_duration_seconds_sum", labels) > 0)
        #expect(!node.log.contains("ICMP is off"))
    }

    @Test func withoutPermissionItIsOffAndSaysSo() async throws {
        let node = try Node(Permission(testDescription: "none", groups: "1 0", hasCapability: false))
        try await eventually(within: .seconds(20), "the node's port is probed, and what is not is told") {
            try await node.scrape()
        } until: { scrape in
            scrape.sum("heartmesh_probes_total", ["channel": "node", "protocol": "tcp"]) >= 5
                && scrape.sum("heartmesh_targets", ["channel": "url", "state": "permission"]) == 1
        }
        let scrape = try await node.scrape()
        #expect(scrape.sum("heartmesh_targets", ["channel": "node", "state": "permission"]) == 2)
        #expect(scrape.sum("heartmesh_targets", ["channel": "node", "state": "probed"]) == 2)
        for name in ["probes_total", "probe_failures_total", "probe_failure_reasons_total", "target_probes_total"] {
            #expect(scrape.samples("heartmesh_\(name)", ["protocol": "icmp"]).isEmpty)
        }
        #expect(scrape.sum("heartmesh_excluded_failures_total") == 0)
        #expect(scrape.samples("heartmesh_icmp_unexpected_replies_total").isEmpty)

        let targets = try await node.text("/api/v1/targets")
        let why =
            "this process may not send ICMP: its group is not in net.ipv4.ping_group_range, and it lacks CAP_NET_RAW"
        #expect(targets.contains(#"{"channel":"url","state":"permission","why":"\#(why)","target":"self","#))
        #expect(targets.contains(#""target_node":"node-b","address":"127.0.0.12"}"#))
        let lines = node.log.split(separator: "\n").filter { $0.contains("ICMP") }
        #expect(lines.count == 1, "\(node.log)")
        for text in ["level=warn", "net.ipv4.ping_group_range", "CAP_NET_RAW"] {
            #expect(lines.first?.contains(text) == true)
        }
    }
}

/// node-a at 127.0.0.11, which has node-b and itself to probe.
private final class Node {
    private let namespace = NetworkNamespace("hm\(getpid())-1-icmp")
    private let folder: TemporaryFolder
    private var process: Running?

    init(_ permission: ICMPTests.Permission) throws {
        folder = try TemporaryFolder()
        try folder.write(
            "peers: [{node: node-b, addresses: [127.0.0.12], nodeAddresses: [127.0.0.12, '::1']}]\n", "mesh.yaml")
        try folder.write(
            """
            discovery: {file: mesh.yaml}
            channels: {node: {protocols: [tcp, icmp], interval: 100ms, port: 9873}, pod: {mode: off}, dns: {mode: off}}
            probes: [{name: self, url: 'icmp://127.0.0.1', interval: 1s}]

            """, "heartmesh.yaml")
        try Self.run("ip", "netns", "add", namespace.name)
        for words in [
            ["ip", "link", "set", "lo", "up"], ["sysctl", "-qw", "net.ipv4.ping_group_range=\(permission.groups)"],
        ] { try Self.run(["ip", "netns", "exec", namespace.name] + words) }
        let run = [
            try heartmeshBinary(), "run", "--config.file=\(folder.path)/heartmesh.yaml", "--node.name=node-a",
            "--web.listen-address=:9873", "--responder.listen-address=127.0.0.11:8873",
        ]
        let without = permission.hasCapability ? [] : ["--bounding-set", "-net_raw", "--inh-caps", "-all"]
        process = try namespace.runBlocking { try Running("setpriv", without + ["--"] + run) }
    }

    deinit {
        process?.stop()
        try? Self.run("ip", "netns", "delete", namespace.name)
    }

    var log: String { process?.errorText ?? "" }

    func scrape() async throws -> Scrape { try Scrape(try await text("/metrics")) }

    func text(_ path: String) async throws -> String {
        let url = "http://127.0.0.11:9873\(path)"
        return try await namespace.run { try HTTPGet.fetchBlocking(url, timeout: .seconds(5)).text }
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
