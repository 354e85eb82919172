internal import Discovery
internal import Exposition
internal import Mesh
internal import Probing
internal import Reactor

/// The metrics contract: every family that this exporter has, and the series that live as long as it does.
final class Metrics {
    let registry = Registry()
    private let node: String

    private let probes: Family
    private let failures: Family
    private let reasons: Family
    private let durations: Family
    private let peerProbes: Family
    private let peerFailures: Family
    private let peerDurations: Family

    private let excluded: [PeerState: Counter]
    private let peers: [PeerState: Gauge]
    private let targets: [TargetState: Gauge]
    private let skipped: [SkipReason: Counter]
    private let lag: Histogram
    private let responderRequests: [IPFamily: Counter]
    private let discoverySuccess: Gauge
    private let discoveryFailures: [DiscoveryReason: Counter]
    private let discoveryBytes: Counter
    private let discoveryInvalid: Gauge
    private let series: Gauge
    private let process: ProcessMetrics

    /// Label `state` of `heartmesh_targets`.
    enum TargetState: String, CaseIterable {
        /// Probed, and what comes of it counts.
        case probed
        /// Probed, but its peer is in a state in which failures do not count.
        case excluded
    }

    /// - Parameters:
    ///   - node: This node, the label `source_node`.
    ///   - resource: What discovery reads, the label `resource`.
    ///   - discoveryReasons: Those that can occur; they stand at 0 from the first day.
    init(node: String, resource: String, discoveryReasons: [DiscoveryReason]) {
        self.node = node
        let path = ["channel", "protocol", "ip_family", "payload", "source_node", "source_zone", "target_zone"]
        probes = registry.family(
            "heartmesh_probes_total", help: "Probes whose outcome is known and counts.", type: .counter, labels: path)
        failures = registry.family(
            "heartmesh_probe_failures_total", help: "Probes that failed.", type: .counter, labels: path,
            bornAtZero: true)
        reasons = registry.family(
            "heartmesh_probe_failure_reasons_total", help: "Probes that failed, by reason.", type: .counter,
            labels: ["channel", "protocol", "ip_family", "source_node", "reason"], bornAtZero: true)
        durations = registry.family(
            "heartmesh_probe_duration_seconds",
            help: "Time from the start of the connection to the last byte of the answer, of probes that succeeded.",
            type: .histogram, labels: ["channel", "protocol", "source_node"], buckets: Buckets.latency)
        let edge = ["channel", "ip_family", "source_node", "target_node", "target_zone"]
        peerProbes = registry.family(
            "heartmesh_peer_probes_total", help: "Probes of a peer whose outcome is known and counts.",
            type: .counter, labels: edge)
        peerFailures = registry.family(
            "heartmesh_peer_probe_failures_total", help: "Probes of a peer that failed.", type: .counter,
            labels: edge, bornAtZero: true)
        peerDurations = registry.family(
            "heartmesh_peer_probe_duration_seconds", help: "Time of a peer's probes that succeeded.", type: .summary,
            labels: edge)

        let registry = self.registry
        func each<Key: CaseIterable & Hashable, Value>(_ make: (Key) -> Value) -> [Key: Value] {
            Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0, make($0)) })
        }
        let excludedFamily = registry.family(
            "heartmesh_excluded_failures_total",
            help: "Probes that failed while their peer was in a state in which failures are expected.",
            type: .counter, labels: ["state"])
        excluded = Dictionary(
            uniqueKeysWithValues: PeerState.allCases.filter { !$0.failuresCount }
                .map { ($0, registry.counter(excludedFamily, [$0.label])) })
        let peersFamily = registry.family(
            "heartmesh_peers", help: "Peers that are known, without this node's own.", type: .gauge,
            labels: ["state", "source_node"])
        peers = each { registry.gauge(peersFamily, [$0.label, node]) }
        let targetsFamily = registry.family(
            "heartmesh_targets", help: "Addresses that are probed on a schedule.", type: .gauge,
            labels: ["channel", "state", "source_node"])
        targets = each { registry.gauge(targetsFamily, [Channel.pod.rawValue, $0.rawValue, node]) }
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

        discoverySuccess = registry.gauge(
            registry.family(
                "heartmesh_discovery_last_success_timestamp_seconds",
                help: "When the topology was last read and understood, 0 before the first time.", type: .gauge,
                labels: ["resource"]), [resource])
        let discoveryFamily = registry.family(
            "heartmesh_discovery_failures_total",
            help: "Readings of the topology that failed; the last good one stays.", type: .counter,
            labels: ["resource", "reason"])
        discoveryFailures = Dictionary(
            uniqueKeysWithValues: discoveryReasons.map {
                ($0, registry.counter(discoveryFamily, [resource, $0.rawValue]))
            })
        discoveryBytes = registry.counter(
            registry.family(
                "heartmesh_discovery_bytes_total", help: "Bytes read for discovery, as they came over the wire.",
                type: .counter, labels: ["resource"]), [resource])
        discoveryInvalid = registry.gauge(
            registry.family(
                "heartmesh_discovery_invalid_objects",
                help: "Parts of the last topology read that can't be used; the log names them.", type: .gauge,
                labels: ["resource"]), [resource])

        series = registry.gauge(
            registry.family("heartmesh_series", help: "Series on this page.", type: .gauge))
        let info = registry.gauge(
            registry.family(
                "heartmesh_build_info", help: "1, with what this build is as labels.", type: .gauge,
                labels: ["version", "swift_version", "platform"]),
            [Version.number, Version.compiler, Version.platform])
        registry.set(info, to: 1)
        process = ProcessMetrics(registry)
    }

    // MARK: Targets

    /// The series of one target. Those that several targets share are the same for all of them.
    struct TargetSeries {
        fileprivate let probes: Counter
        fileprivate let failures: Counter
        fileprivate let duration: Histogram
        fileprivate let peerProbes: Counter
        fileprivate let peerFailures: Counter
        fileprivate let peerDuration: Summary
    }

    /// - Parameter sourceZone: This node's.
    func acquire(_ target: Target, sourceZone: String) -> TargetSeries {
        let family = target.address.family.rawValue
        let path = [
            target.channel.rawValue, target.probe.rawValue, family, target.payload.rawValue, node, sourceZone,
            target.zone,
        ]
        let edge = [target.channel.rawValue, family, node, target.node, target.zone]
        return TargetSeries(
            probes: registry.counter(probes, path), failures: registry.counter(failures, path),
            duration: registry.histogram(durations, [target.channel.rawValue, target.probe.rawValue, node]),
            peerProbes: registry.counter(peerProbes, edge), peerFailures: registry.counter(peerFailures, edge),
            peerDuration: registry.summary(peerDurations, edge))
    }

    func release(_ series: TargetSeries, at now: Instant) {
        let now = now.nanoseconds
        registry.release(series.probes, at: now)
        registry.release(series.failures, at: now)
        registry.release(series.duration, at: now)
        registry.release(series.peerProbes, at: now)
        registry.release(series.peerFailures, at: now)
        registry.release(series.peerDuration, at: now)
    }

    // MARK: Outcomes

    func succeeded(_ series: TargetSeries, latency: Int64) {
        let seconds = Double(max(latency, 0)) / 1e9
        registry.increment(series.probes)
        registry.observe(series.duration, seconds)
        registry.increment(series.peerProbes)
        registry.observe(series.peerDuration, seconds)
    }

    func failed(_ series: TargetSeries, _ target: Target, _ reason: Reason) {
        registry.increment(series.probes)
        registry.increment(series.failures)
        registry.increment(series.peerProbes)
        registry.increment(series.peerFailures)
        registry.increment(counter(of: reason, target))
    }

    func excluded(_ state: PeerState) {
        guard let counter = excluded[state] else { preconditionFailure("failures of \(state.label) peers count") }
        registry.increment(counter)
    }

    private struct ReasonKey: Hashable {
        let channel: Channel
        let probe: ProbeProtocol
        let family: IPFamily
        let reason: Reason
    }
    /// Kept for good once they have occurred: the set of reasons is closed.
    private var reasonCounters: [ReasonKey: Counter] = [:]

    private func counter(of reason: Reason, _ target: Target) -> Counter {
        let key = ReasonKey(
            channel: target.channel, probe: target.probe, family: target.address.family, reason: reason)
        if let counter = reasonCounters[key] { return counter }
        let counter = registry.counter(
            reasons,
            [key.channel.rawValue, key.probe.rawValue, key.family.rawValue, node, reason.rawValue])
        reasonCounters[key] = counter
        return counter
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

    // MARK: Discovery

    func show(peers: [Peer], targets: [TargetState]) {
        for (state, gauge) in self.peers { registry.set(gauge, to: Double(peers.count { $0.state == state })) }
        for (state, gauge) in self.targets { registry.set(gauge, to: Double(targets.count { $0 == state })) }
    }

    /// - Parameter time: Seconds since the epoch.
    func discovered(at time: Double, invalid: Int? = nil) {
        registry.set(discoverySuccess, to: time)
        if let invalid { registry.set(discoveryInvalid, to: Double(invalid)) }
    }

    func discoveryFailed(_ reason: DiscoveryReason) {
        guard let counter = discoveryFailures[reason] else {
            preconditionFailure("\(reason.rawValue) can't occur with this kind of discovery")
        }
        registry.increment(counter)
    }

    func discoveryReceived(bytes: Int) {
        registry.increment(discoveryBytes, by: Double(bytes))
    }

    /// Sets what is read when it is shown.
    func prepare() {
        registry.set(series, to: Double(registry.seriesCount))
        process.update()
    }
}
