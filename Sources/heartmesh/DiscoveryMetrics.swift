internal import Discovery
internal import Exposition

/// The series of discovery, by what is read. Those of the peers stand there from the first day, the others' from when
/// they are first read, or fail to be: not every cluster has all of them.
final class DiscoveryMetrics {
    private struct Series {
        let lastSuccess: Gauge
        let bytes: Counter
        let invalid: Gauge
    }

    private struct FailureKey: Hashable {
        let resource: DiscoveryResource
        let reason: DiscoveryReason
    }

    private let registry: Registry
    private let lastSuccess: Family
    private let failures: Family
    private let bytes: Family
    private let invalid: Family
    private var series: [DiscoveryResource: Series] = [:]
    private var failureCounters: [FailureKey: Counter] = [:]

    /// - Parameters:
    ///   - peers: Where the peers come from.
    ///   - reasons: Why that can fail; each stands at 0 from the first day.
    init(_ registry: Registry, peers: DiscoveryResource, reasons: [DiscoveryReason]) {
        self.registry = registry
        lastSuccess = registry.family(
            "heartmesh_discovery_last_success_timestamp_seconds",
            help: "When it was last read and understood, 0 before the first time.", type: .gauge,
            labels: ["resource"])
        failures = registry.family(
            "heartmesh_discovery_failures_total", help: "Readings that failed; what was known stays.", type: .counter,
            labels: ["resource", "reason"], bornAtZero: true)
        bytes = registry.family(
            "heartmesh_discovery_bytes_total", help: "Bytes read for discovery, as they came over the wire.",
            type: .counter, labels: ["resource"])
        invalid = registry.family(
            "heartmesh_discovery_invalid_objects",
            help: "Parts of what was last read that can't be used; the log names them.", type: .gauge,
            labels: ["resource"])
        _ = series(of: peers)
        for reason in reasons { _ = counter(of: peers, reason) }
    }

    /// - Parameter time: Seconds since the epoch.
    func succeeded(_ resource: DiscoveryResource, at time: Double, invalid: Int) {
        let series = series(of: resource)
        registry.set(series.lastSuccess, to: time)
        registry.set(series.invalid, to: Double(invalid))
    }

    func failed(_ resource: DiscoveryResource, _ reason: DiscoveryReason) {
        _ = series(of: resource)
        registry.increment(counter(of: resource, reason))
    }

    func received(_ resource: DiscoveryResource, bytes: Int) {
        registry.increment(series(of: resource).bytes, by: Double(bytes))
    }

    private func series(of resource: DiscoveryResource) -> Series {
        if let known = series[resource] { return known }
        let label = [resource.rawValue]
        let new = Series(
            lastSuccess: registry.gauge(lastSuccess, label), bytes: registry.counter(bytes, label),
            invalid: registry.gauge(invalid, label))
        series[resource] = new
        return new
    }

    private func counter(of resource: DiscoveryResource, _ reason: DiscoveryReason) -> Counter {
        let key = FailureKey(resource: resource, reason: reason)
        if let known = failureCounters[key] { return known }
        let new = registry.counter(failures, [resource.rawValue, reason.rawValue])
        failureCounters[key] = new
        return new
    }
}
