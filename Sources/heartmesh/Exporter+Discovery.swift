internal import Discovery
internal import Reactor

/// What becomes of discovery, beside what it finds, goes to the metrics and to the log.
extension Exporter {
    func discoverySucceeded(_ resource: DiscoveryResource, invalid: [String]) {
        metrics.discovery.succeeded(resource, at: wallClockSeconds(), invalid: invalid.count)
        for text in invalid {
            sampledLog.write(
                .warn, key: "invalid \(resource.rawValue)", at: .now(), "discovery: unusable object",
                ("resource", resource.rawValue), ("object", text))
        }
    }

    func discoveryFailed(_ resource: DiscoveryResource, _ failure: DiscoveryFailure) {
        metrics.discovery.failed(resource, failure.reason)
        sampledLog.write(
            .warn, key: "discovery \(resource.rawValue) \(failure.reason.rawValue)", at: .now(),
            "discovery failed, what was known stays", ("resource", resource.rawValue),
            ("reason", failure.reason.rawValue), ("error", failure))
    }

    func discoveryReceived(_ resource: DiscoveryResource, bytes: Int) {
        metrics.discovery.received(resource, bytes: bytes)
    }
}
