import Exposition
import Mesh
import Probing
import Testing

@testable import heartmesh

struct ICMPMetricsTests {
    private let registry = Registry()

    private func lines(_ name: String) -> [String] {
        var text: [UInt8] = []
        registry.render(into: &text, at: 0)
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init).filter {
            $0.hasPrefix(name)
        }
    }

    private func target(_ probe: ProbeProtocol, _ channel: Channel = .node) throws -> Target {
        Target(
            channel: channel, probe: probe, address: try #require(IPAddress("10.0.0.1")), port: 0, node: "b",
            name: channel == .url ? "router" : "", answerer: .server)
    }

    @Test func thereIsNothingBeforeThereIsATarget() throws {
        let metrics = ProbeMetrics(registry, node: "a")
        for probe in [ProbeProtocol.tcp, .udp] { _ = metrics.acquire(try target(probe), sourceZone: "z") }
        #expect(lines("heartmesh_icmp").isEmpty)
        for _ in 0..<2 { _ = metrics.acquire(try target(.icmp), sourceZone: "z") }
        metrics.received(.late, over: .icmp)
        metrics.received(.duplicate, over: .udp)
        let name = "heartmesh_icmp_unexpected_replies_total"
        #expect(
            lines(name) == [
                #"\#(name){kind="duplicate",source_node="a"} 0"#, #"\#(name){kind="foreign",source_node="a"} 0"#,
                #"\#(name){kind="late",source_node="a"} 1"#,
            ])
        #expect(
            lines("heartmesh_udp_unexpected_replies_total{kind=\"duplicate\"").first?.hasSuffix(" 1") == true)
    }

    /// A path of its own; nothing of the peer's, and nothing of a connection's.
    @Test func whatATargetHas() throws {
        let metrics = ProbeMetrics(registry, node: "a")
        let series = metrics.acquire(try target(.icmp), sourceZone: "z")
        metrics.succeeded(series, latency: 1_000_000, backend: nil)
        metrics.failed(series, try target(.icmp), .unreachable)
        _ = lines("")
        let labels =
            #"{channel="node",protocol="icmp",ip_family="ipv4",payload="small",source_node="a",source_zone="z"}"#
        #expect(lines("heartmesh_probes_total") == ["heartmesh_probes_total\(labels) 2"])
        #expect(lines("heartmesh_probe_failures_total") == ["heartmesh_probe_failures_total\(labels) 1"])
        #expect(lines("heartmesh_probe_duration_seconds_count").count == 1)
        for name in ["peer", "tcp", "udp_request", "probe_phase"] { #expect(lines("heartmesh_\(name)_").isEmpty) }
        _ = metrics.acquire(try target(.icmp, .url), sourceZone: "z")
        #expect(lines("heartmesh_target_probes_total").first?.contains(#"target="router""#) == true)
    }
}
