internal import Exposition
internal import Mesh
internal import Probing
internal import Reactor

/// The series of probes: one set for each path, and one more for each peer and for each target that has a name.
final class ProbeMetrics {
    private let registry: Registry
    private let node: String

    private let probes: Family
    private let failures: Family
    private let reasons: Family
    private let durations: Family
    private let peerProbes: Family
    private let peerFailures: Family
    private let peerDurations: Family
    private let targetProbes: Family
    private let targetFailures: Family
    private let targetDurations: Family
    private let backendReplies: Family
    private let excluded: [PeerState: Counter]
    let connections: ConnectionMetrics
    private let losses: UDPLossMetrics
    private let echoes: ICMPMetrics
    /// The configured targets that tell whether there is a way out; before the first of them is acquired.
    var egress: Set<String> = []

    /// - Parameter node: This node, the label `source_node`.
    init(_ registry: Registry, node: String) {
        self.registry = registry
        self.node = node
        let path = [
            "channel", "protocol", "ip_family", "payload", "source_node", "source_zone", "target_zone", "network",
        ]
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
            help:
                "Time from the start of the connection to the last byte of the answer, of small probes that succeeded "
                + "and were looked at in time.",
            type: .histogram, labels: ["channel", "protocol", "source_node"], buckets: Buckets.latency)

        connections = ConnectionMetrics(registry, node: node)

        let edge = ["channel", "ip_family", "source_node", "target_node", "target_zone", "network"]
        peerProbes = registry.family(
            "heartmesh_peer_probes_total", help: "Probes of a peer or its node whose outcome is known and counts.",
            type: .counter, labels: edge)
        peerFailures = registry.family(
            "heartmesh_peer_probe_failures_total", help: "Probes of a peer or its node that failed.", type: .counter,
            labels: edge, bornAtZero: true)
        peerDurations = registry.family(
            "heartmesh_peer_probe_duration_seconds", help: "Time of a peer's probes that succeeded.", type: .summary,
            labels: edge)

        let named = ["channel", "protocol", "ip_family", "source_node", "target", "address", "role"]
        targetProbes = registry.family(
            "heartmesh_target_probes_total", help: "Probes of a named target whose outcome is known and counts.",
            type: .counter, labels: named)
        targetFailures = registry.family(
            "heartmesh_target_probe_failures_total", help: "Probes of a named target that failed.", type: .counter,
            labels: named, bornAtZero: true)
        targetDurations = registry.family(
            "heartmesh_target_probe_duration_seconds", help: "Time of a named target's probes that succeeded.",
            type: .summary, labels: named)
        backendReplies = registry.family(
            "heartmesh_service_backend_replies_total", help: "Probes of Services that succeeded, by who answered.",
            type: .counter, labels: ["channel", "locality", "source_node"])

        losses = UDPLossMetrics(registry, node: node)
        echoes = ICMPMetrics(registry, node: node)
        let excludedFamily = registry.family(
            "heartmesh_excluded_failures_total",
            help: "Probes that failed while their peer was in a state in which failures are expected.",
            type: .counter, labels: ["state"])
        excluded = Dictionary(
            uniqueKeysWithValues: PeerState.allCases.filter { !$0.failuresCount }
                .map { ($0, registry.counter(excludedFamily, [$0.label])) })
    }

    // MARK: Targets

    /// The series of one target. Those that several targets share are the same for all of them.
    struct TargetSeries {
        fileprivate let probes: Counter
        fileprivate let failures: Counter
        /// Of small probes: large ones take longer for what they carry.
        fileprivate var duration: Histogram?
        let connections: ConnectionMetrics.TargetSeries
        /// Of the peer, or of the name.
        fileprivate var own: (probes: Counter, failures: Counter)?
        fileprivate var ownDuration: Summary?
        /// In the order of `Locality.allCases`; empty where nobody chooses a backend.
        fileprivate var replies: [Counter] = []
        fileprivate var losses: UDPLossMetrics.Series?
    }

    /// - Parameter sourceZone: This node's.
    func acquire(_ target: Target, sourceZone: String) -> TargetSeries {
        let channel = target.channel.rawValue
        let family = target.address.family.rawValue
        let network = target.channel == .multus ? target.name : ""
        let path = [
            channel, target.probe.rawValue, family, target.payload.rawValue, node, sourceZone, target.zone, network,
        ]
        var series = TargetSeries(
            probes: registry.counter(probes, path), failures: registry.counter(failures, path),
            connections: connections.acquire(target))
        // What is the same for each peer and each name is told by the small ones.
        if target.payload == .large { return series }
        series.duration = registry.histogram(durations, [channel, target.probe.rawValue, node])
        if target.channel.isPeerAddressed, target.probe.countsForPeer {
            let edge = [channel, family, node, target.node, target.zone, network]
            series.own = (registry.counter(peerProbes, edge), registry.counter(peerFailures, edge))
            // On each other channel there are as many paths again; their times are in the histogram.
            if target.channel == .pod { series.ownDuration = registry.summary(peerDurations, edge) }
        } else if target.channel.isNamed {
            // A configured target's address is the outside's, and changes.
            let place = target.channel == .url ? "" : target.place
            let role = target.channel == .url ? role(of: target.name) : ""
            let labels = [channel, target.probe.rawValue, family, node, target.name, place, role]
            series.own = (registry.counter(targetProbes, labels), registry.counter(targetFailures, labels))
            series.ownDuration = registry.summary(targetDurations, labels)
        }
        if target.probe == .udp, target.channel != .dns { series.losses = losses.acquire(target) }
        if target.probe == .icmp { echoes.begin() }
        if target.channel.choosesBackend {
            series.replies = Locality.allCases.map { registry.counter(backendReplies, [channel, $0.rawValue, node]) }
        }
        return series
    }

    /// - Parameter name: Of a configured target.
    func role(of name: String) -> String { egress.contains(name) ? "egress" : "" }

    func release(_ series: TargetSeries, at now: Instant) {
        connections.release(series.connections, at: now)
        let now = now.nanoseconds
        registry.release(series.probes, at: now)
        registry.release(series.failures, at: now)
        if let duration = series.duration { registry.release(duration, at: now) }
        if let own = series.own {
            registry.release(own.probes, at: now)
            registry.release(own.failures, at: now)
        }
        if let duration = series.ownDuration { registry.release(duration, at: now) }
        for counter in series.replies { registry.release(counter, at: now) }
        if let losses = series.losses { self.losses.release(losses, at: now) }
    }

    // MARK: Outcomes

    /// - Parameters:
    ///   - latency: In nanoseconds; nil: not known.
    ///   - lastLatency: The last one that was known. It stands in the target's sum for one that is not, so that its count is
    ///     the count of successes: alerts rely on that.
    ///   - backend: Where the one who answered is, on channels on which any peer may.
    func succeeded(_ series: TargetSeries, latency: Int64?, lastLatency: Int64? = nil, backend: Locality?) {
        registry.increment(series.probes)
        if let own = series.own { registry.increment(own.probes) }
        if let duration = series.duration, let latency { registry.observe(duration, Double(max(latency, 0)) / 1e9) }
        if let duration = series.ownDuration {
            registry.observe(duration, Double(max(latency ?? lastLatency ?? 0, 0)) / 1e9)
        }
        if let backend, !series.replies.isEmpty {
            registry.increment(series.replies[Locality.allCases.firstIndex(of: backend)!])
        }
    }

    func failed(_ series: TargetSeries, _ target: Target, _ reason: Reason) {
        registry.increment(series.probes)
        registry.increment(series.failures)
        if let own = series.own {
            registry.increment(own.probes)
            registry.increment(own.failures)
        }
        registry.increment(counter(of: reason, target))
    }

    /// Of probes over UDP that have been counted as failed, so many requests and so many replies got lost.
    func lost(_ series: TargetSeries, requests: Int, replies: Int) {
        guard let losses = series.losses else { preconditionFailure("only UDP tells requests from replies") }
        self.losses.lost(losses, requests: requests, replies: replies)
    }

    func received(_ reply: UnexpectedReply, over probe: ProbeProtocol) {
        if probe == .icmp { echoes.received(reply) } else { losses.received(reply) }
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
}
