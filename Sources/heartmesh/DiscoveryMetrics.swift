internal import Discovery
internal import Exposition
internal import Reactor

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
    private var ignored: Set<DiscoveryResource> = []
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
        if ignored.contains(resource) { return }
        let series = series(of: resource)
        registry.set(series.lastSuccess, to: time)
        registry.set(series.invalid, to: Double(invalid))
    }

    func failed(_ resource: DiscoveryResource, _ reason: DiscoveryReason) {
        if ignored.contains(resource) { return }
        _ = series(of: resource)
        registry.increment(counter(of: resource, reason))
    }

    /// What is not read, or not any more, has no series: a time stamp that grows old would look like a failure.
    func ignore(_ resources: Set<DiscoveryResource>, at now: Instant) {
        for resource in resources.subtracting(ignored) { forget(resource, at: now) }
        ignored = resources
    }

    private func forget(_ resource: DiscoveryResource, at now: Instant) {
        if let old = series.removeValue(forKey: resource) {
            registry.release(old.lastSuccess, at: now.nanoseconds)
            registry.release(old.bytes, at: now.nanoseconds)
            registry.release(old.invalid, at: now.nanoseconds)
        }
        for (key, counter) in failureCounters where key.resource == resource {
            registry.release(counter, at: now.nanoseconds)
            failureCounters[key] = nil
        }
    }

    func received(_ resource: DiscoveryResource, bytes: Int) {
        if ignored.contains(resource) { return }
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
