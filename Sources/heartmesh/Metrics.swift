internal import Discovery
internal import Exposition
internal import Mesh
internal import Probing
internal import Reactor

/// The metrics contract: every family that this exporter has, and the series that live as long as it does.
final class Metrics {
    let registry = Registry()
    let probes: ProbeMetrics
    let discovery: DiscoveryMetrics
    let dns: DNSMetrics
    let certificates: CertificateMetrics
    private let node: String

    private let peers: [PeerState: Gauge]
    private let targets: Family
    private var targetGauges: [TargetKey: Gauge] = [:]
    private let skipped: [SkipReason: Counter]
    private let lag: Histogram
    private let responderRequests: [IPFamily: Counter]
    private let responderEchoes: [IPFamily: Counter]
    private let series: Gauge
    private let process: ProcessMetrics

    private struct TargetKey: Hashable {
        let channel: Channel
        let state: TargetState
    }

    /// - Parameters:
    ///   - node: This node, the label `source_node`.
    ///   - channels: Those that are not off.
    ///   - peers: Where the peers come from.
    ///   - discoveryReasons: Why that can fail.
    init(node: String, channels: [Channel], peers: DiscoveryResource, discoveryReasons: [DiscoveryReason]) {
        self.node = node
        let registry = self.registry
        probes = ProbeMetrics(registry, node: node)
        discovery = DiscoveryMetrics(registry, peers: peers, reasons: discoveryReasons)
        dns = DNSMetrics(registry, node: node)
        certificates = CertificateMetrics(registry, node: node)
        func each<Key: CaseIterable & Hashable, Value>(_ make: (Key) -> Value) -> [Key: Value] {
            Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0, make($0)) })
        }
        let peersFamily = registry.family(
            "heartmesh_peers", help: "Peers that are known, without this node's own.", type: .gauge,
            labels: ["state", "source_node"])
        // One that is gone is no peer any more.
        self.peers = Dictionary(
            uniqueKeysWithValues: PeerState.allCases.filter { $0 != .gone }
                .map { ($0, registry.gauge(peersFamily, [$0.label, node])) })
        targets = registry.family(
            "heartmesh_targets", help: "What is probed on a schedule, and what is known of and is not.", type: .gauge,
            labels: ["channel", "state", "source_node"])
        lag = registry.histogram(
            registry.family(
                "heartmesh_scheduler_lag_seconds", help: "How late probes were started, by this exporter's own fault.",
                type: .histogram, buckets: Buckets.lag))
        let skippedFamily = registry.family(
            "heartmesh_probes_skipped_total", help: "Probes that were due and not made.", type: .counter,
            labels: ["reason"])
        skipped = each { registry.counter(skippedFamily, [$0.rawValue]) }
        let requestsFamily = registry.family(
            "heartmesh_responder_requests_total", help: "Probes of others that were answered.", type: .counter,
            labels: ["protocol", "ip_family"])
        responderRequests = each { registry.counter(requestsFamily, [ProbeProtocol.http.rawValue, $0.rawValue]) }
        responderEchoes = each { registry.counter(requestsFamily, [ProbeProtocol.udp.rawValue, $0.rawValue]) }
        series = registry.gauge(
            registry.family("heartmesh_series", help: "Series on this page.", type: .gauge))
        let info = registry.gauge(
            registry.family(
                "heartmesh_build_info", help: "1, with what this build is as labels.", type: .gauge,
                labels: ["version", "swift_version", "platform"]),
            [Version.number, Version.compiler, Version.platform])
        registry.set(info, to: 1)
        process = ProcessMetrics(registry)
        for channel in channels { _ = gauge(of: TargetKey(channel: channel, state: .probed)) }
    }

    func started(late lag: Duration) {
        registry.observe(self.lag, lag.seconds)
    }

    func skipped(_ count: Int, _ reason: SkipReason) {
        registry.increment(skipped[reason]!, by: Double(count))
    }

    func answered(_ family: IPFamily) {
        registry.increment(responderRequests[family]!)
    }

    func echoed(_ family: IPFamily) {
        registry.increment(responderEchoes[family]!)
    }

    func show(peers: [PeerState: Int]) {
        for (state, gauge) in self.peers { registry.set(gauge, to: Double(peers[state] ?? 0)) }
    }

    /// A state that a channel has once had stays, at 0 when nothing is in it.
    func show(targets: [(channel: Channel, state: TargetState)]) {
        var counts: [TargetKey: Int] = [:]
        for (channel, state) in targets { counts[TargetKey(channel: channel, state: state), default: 0] += 1 }
        for key in counts.keys { _ = gauge(of: key) }
        for (key, gauge) in targetGauges { registry.set(gauge, to: Double(counts[key] ?? 0)) }
    }

    private func gauge(of key: TargetKey) -> Gauge {
        if let known = targetGauges[key] { return known }
        let new = registry.gauge(targets, [key.channel.rawValue, key.state.rawValue, node])
        targetGauges[key] = new
        return new
    }

    /// Sets what is read when it is shown.
    func prepare() {
        registry.set(series, to: Double(registry.seriesCount))
        process.update()
    }
}
