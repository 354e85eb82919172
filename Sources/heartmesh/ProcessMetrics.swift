internal import Exposition
internal import Reactor

/// The `process_*` metrics, named as Prometheus' client libraries name them.
struct ProcessMetrics {
    private let registry: Registry
    private let cpu: Counter
    private let resident: Gauge
    private let virtual: Gauge
    private let open: Gauge
    private let limit: Gauge
    private let start: Gauge

    init(_ registry: Registry) {
        self.registry = registry
        func gauge(_ name: String, _ help: String) -> Gauge {
            registry.gauge(registry.family(name, help: help, type: .gauge))
        }
        cpu = registry.counter(
            registry.family(
                "process_cpu_seconds_total", help: "Total user and system CPU time spent in seconds.", type: .counter))
        resident = gauge("process_resident_memory_bytes", "Resident memory size in bytes.")
        virtual = gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.")
        open = gauge("process_open_fds", "Number of open file descriptors.")
        limit = gauge("process_max_fds", "Maximum number of open file descriptors.")
        start = gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.")
    }

    func update() {
        guard let status = ProcessStatus.read() else { return }
        registry.set(cpu, to: status.cpuSeconds)
        registry.set(resident, to: Double(status.residentBytes))
        registry.set(virtual, to: Double(status.virtualBytes))
        registry.set(open, to: Double(status.openDescriptors))
        registry.set(limit, to: Double(status.descriptorLimit))
        registry.set(start, to: status.startTime)
    }
}
