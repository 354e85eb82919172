internal import Exposition

/// Whether the configuration in the file is the one in effect.
final class ReloadMetrics {
    private let registry: Registry
    private let isSuccessful: Gauge
    private let lastSuccess: Gauge

    init(_ registry: Registry) {
        self.registry = registry
        isSuccessful = registry.gauge(
            registry.family(
                "heartmesh_config_last_reload_successful",
                help: "Whether the configuration could be used when it was last read, 0 or 1.", type: .gauge))
        lastSuccess = registry.gauge(
            registry.family(
                "heartmesh_config_last_reload_success_timestamp_seconds",
                help: "When the configuration was last read and could be used.", type: .gauge))
    }

    /// - Parameter time: Seconds since the epoch.
    func succeeded(at time: Double) {
        registry.set(isSuccessful, to: 1)
        registry.set(lastSuccess, to: time)
    }

    func failed() {
        registry.set(isSuccessful, to: 0)
    }
}
