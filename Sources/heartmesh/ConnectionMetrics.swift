internal import Exposition
internal import Mesh
internal import Reactor

/// The series of the connections that probes make: what was sent again, and where the time went.
final class ConnectionMetrics {
    private let registry: Registry
    private let node: String
    private let retransmits: Family
    private let phases: Family

    /// - Parameter node: This node, the label `source_node`.
    init(_ registry: Registry, node: String) {
        self.registry = registry
        self.node = node
        retransmits = registry.family(
            "heartmesh_tcp_retransmits_total", help: "TCP segments that this node's kernel sent again in probes.",
            type: .counter, labels: ["channel", "ip_family", "phase", "source_node"], bornAtZero: true)
        phases = registry.family(
            "heartmesh_probe_phase_seconds_total",
            help: "Time of small probes over HTTP that succeeded, by what it went into.", type: .counter,
            labels: ["channel", "protocol", "phase", "source_node"])
    }

    /// The series of one target, which it shares with the others of its channel.
    struct TargetSeries {
        /// Of probes over TCP.
        fileprivate var retransmits: (connect: Counter, data: Counter)?
        fileprivate var phases: PhaseSeries?
    }

    fileprivate struct PhaseSeries {
        let connect: Counter
        /// With encryption only.
        let tls: Counter?
        let server: Counter
        let transfer: Counter
    }

    func acquire(_ target: Target) -> TargetSeries {
        let channel = target.channel.rawValue
        func retransmits(_ phase: String) -> Counter {
            registry.counter(self.retransmits, [channel, target.address.family.rawValue, phase, node])
        }
        func seconds(_ phase: String) -> Counter {
            registry.counter(phases, [channel, target.probe.rawValue, phase, node])
        }
        var series = TargetSeries()
        if target.probe.isTCP { series.retransmits = (retransmits("connect"), retransmits("data")) }
        if target.probe.isHTTP, target.channel != .dns, target.payload == .small {
            series.phases = PhaseSeries(
                connect: seconds("connect"), tls: target.probe == .https ? seconds("tls") : nil,
                server: seconds("server"), transfer: seconds("transfer"))
        }
        return series
    }

    func release(_ series: TargetSeries, at now: Instant) {
        let phases = series.phases
        for counter in [
            series.retransmits?.connect, series.retransmits?.data, phases?.connect, phases?.tls, phases?.server,
            phases?.transfer,
        ] {
            if let counter { registry.release(counter, at: now.nanoseconds) }
        }
    }

    func retransmitted(_ series: TargetSeries, _ retransmissions: Retransmissions) {
        guard let counters = series.retransmits else { return }
        registry.increment(counters.connect, by: Double(retransmissions.connect))
        registry.increment(counters.data, by: Double(retransmissions.data))
    }

    func passed(_ series: TargetSeries, _ phases: Phases) {
        guard let counters = series.phases else { return }
        registry.increment(counters.connect, by: Double(phases.connect) / 1e9)
        if let tls = counters.tls { registry.increment(tls, by: Double(phases.tls) / 1e9) }
        registry.increment(counters.server, by: Double(phases.server) / 1e9)
        registry.increment(counters.transfer, by: Double(phases.transfer) / 1e9)
    }
}
