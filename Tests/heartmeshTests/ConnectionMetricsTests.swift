import Exposition
import Mesh
import Reactor
import Testing

@testable import heartmesh

struct ConnectionMetricsTests {
    private let registry = Registry()

    private func target(
        _ probe: ProbeProtocol, _ channel: Channel = .pod, _ address: String = "10.0.0.1", payloadSize: Int = 0
    ) throws -> Target {
        Target(
            channel: channel, probe: probe, address: try #require(IPAddress(address)), port: 1, node: "b",
            payloadSize: payloadSize, answerer: .server)
    }

    /// The lines of the page that are samples of these names.
    private func lines(_ names: String...) -> [String] {
        var text: [UInt8] = []
        registry.scraped(registry.render(into: &text, at: 0))
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init).filter { line in
            names.contains { line.hasPrefix($0) }
        }
    }

    @Test(arguments: [ProbeProtocol.http, .https, .tcp])
    func retransmitsStandAtZeroFromTheFirstDay(probe: ProbeProtocol) throws {
        let metrics = ConnectionMetrics(registry, node: "a")
        _ = metrics.acquire(try target(probe))
        let name = "heartmesh_tcp_retransmits_total"
        let labels = #"{channel="pod",ip_family="ipv4",phase="#
        #expect(
            lines(name) == [
                #"\#(name)\#(labels)"connect",source_node="a"} 0"#, #"\#(name)\#(labels)"data",source_node="a"} 0"#,
            ])
    }

    @Test func bothPhasesAreCounted() throws {
        let metrics = ConnectionMetrics(registry, node: "a")
        let series = metrics.acquire(try target(.http))
        // The first scrape shows 0: `increase()` misses what a series begins with.
        _ = lines("")
        metrics.retransmitted(series, Retransmissions(connect: 2, data: 1))
        metrics.retransmitted(series, Retransmissions(connect: 1))
        #expect(lines("heartmesh_tcp_retransmits_total").map { $0.split(separator: " ")[1] } == ["3", "1"])
    }

    @Test func phasesOfWhatIsProbedOverHTTP() throws {
        let metrics = ConnectionMetrics(registry, node: "a")
        for probe in [ProbeProtocol.tcp, .http, .https] {
            let series = metrics.acquire(try target(probe, .ingress))
            metrics.passed(
                series, Phases(connect: 1_000_000, tls: 2_000_000, server: 3_000_000, transfer: 500_000_000))
        }
        func labels(_ probe: String, _ phase: String) -> String {
            let labels = #"channel="ingress",protocol="\#(probe)",phase="\#(phase)",source_node="a""#
            return "heartmesh_probe_phase_seconds_total{\(labels)} "
        }
        #expect(
            lines("heartmesh_probe_phase_seconds_total") == [
                labels("http", "connect") + "0.001", labels("http", "server") + "0.003",
                labels("http", "transfer") + "0.5", labels("https", "connect") + "0.001",
                labels("https", "server") + "0.003", labels("https", "tls") + "0.002",
                labels("https", "transfer") + "0.5",
            ])
    }

    /// Questions over TCP have no phases, and those over UDP nothing that is sent again.
    @Test(arguments: [ProbeProtocol.tcp, .tls, .https, .udp]) func questions(probe: ProbeProtocol) throws {
        let metrics = ConnectionMetrics(registry, node: "a")
        let series = metrics.acquire(try target(probe, .dns))
        metrics.retransmitted(series, Retransmissions(connect: 1))
        #expect(lines("heartmesh_tcp_retransmits_total").count == (probe == .udp ? 0 : 2))
        #expect(lines("heartmesh_probe_phase_seconds_total").isEmpty)
    }

    /// What a large probe carries takes its time; its losses are the path's.
    @Test func largeProbesHaveNoPhases() throws {
        let metrics = ConnectionMetrics(registry, node: "a")
        let series = metrics.acquire(try target(.http, payloadSize: 8192))
        metrics.passed(series, Phases(connect: 1, tls: 1, server: 1, transfer: 1))
        #expect(lines("heartmesh_probe_phase_seconds_total").isEmpty)
        #expect(lines("heartmesh_tcp_retransmits_total").count == 2)
    }

    @Test func whatIsReleasedIsGone() throws {
        let metrics = ConnectionMetrics(registry, node: "a")
        let series = try [target(.http), target(.https), target(.tcp)].map(metrics.acquire)
        #expect(registry.seriesCount > 0)
        for series in series { metrics.release(series, at: Instant(nanoseconds: 0)) }
        for _ in 0..<3 { _ = lines("") }
        #expect(registry.seriesCount == 0)
    }

    /// The common series, and no more: what is one peer's is told by its small probes.
    @Test func seriesOfALargeTarget() throws {
        let metrics = ProbeMetrics(registry, node: "a")
        let before = registry.seriesCount
        let series = metrics.acquire(try target(.http, payloadSize: 8192), sourceZone: "z")
        #expect(registry.seriesCount - before == 4)
        metrics.succeeded(series, latency: 1_000_000, backend: nil)
        metrics.failed(series, try target(.http, payloadSize: 8192), .timeout)
        _ = lines("")
        let labels =
            #"{channel="pod",protocol="http",ip_family="ipv4",payload="large",source_node="a",source_zone="z"}"#
        #expect(lines("heartmesh_probes_total") == ["heartmesh_probes_total\(labels) 2"])
        #expect(lines("heartmesh_probe_failures_total") == ["heartmesh_probe_failures_total\(labels) 1"])
        #expect(lines("heartmesh_probe_duration", "heartmesh_peer_").isEmpty)
    }
}
