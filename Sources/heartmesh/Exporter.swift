internal import Discovery
internal import Glibc
internal import Mesh
internal import Probing
internal import Reactor
internal import Serving

/// One exporter, put together: a new topology goes to the plan, the plan's targets go to the prober, an outcome goes to
/// the metrics, a scrape renders them.
final class Exporter: DiscoveryObserver, ProbeObserver {
    private struct Slot {
        let target: Target
        let series: Metrics.TargetSeries
        var state: PeerState
        var isFailing = false
    }

    private let configuration: Configuration
    private let log: Log
    private let sampledLog: SampledLog
    private let loop: EventLoop
    private let transfers: Transfers
    private let prober: Prober
    private let metrics: Metrics
    private let responder: Responder
    private var web: MetricsServer!
    private var kubernetes: KubernetesSource?
    private var file: FileSource?
    private var signals: Signals?
    private var housekeeping: Alarm!

    private var plan: Plan
    /// By the prober's slots.
    private var slots: [Slot?] = []
    private var slotNumbers: [Target: Int] = [:]
    /// When all targets of the first topology have been probed once; nil before there was one.
    private var readyAt: Instant?

    /// Opens the sockets and starts discovery; nothing happens before `run`.
    ///
    /// - Throws: What keeps it from starting, for a person to read.
    init(
        _ options: RunOptions, _ configuration: Configuration, node: String, log: Log,
        environment: (String) -> String?
    ) throws {
        self.configuration = configuration
        self.log = log
        sampledLog = SampledLog(log)
        loop = try EventLoop()
        Signals.ignoreBrokenPipes()
        raiseDescriptorLimit()
        keepHeapSmall()
        transfers = Transfers(on: loop)
        let userAgent = "heartmesh/\(Version.number)"
        prober = Prober(mesh: configuration.mesh, node: node, userAgent: userAgent, on: loop, transfers: transfers)
        let isStatic = if case .file = configuration.discovery.source { true } else { false }
        metrics = Metrics(
            node: node, resource: isStatic ? "file" : "endpointslices",
            discoveryReasons: isStatic ? DiscoveryReason.ofFiles : DiscoveryReason.ofKubernetes)
        plan = Plan(node: node, zone: configuration.node.zone, settings: Plan.Settings(configuration))
        responder = Responder(
            Responder.Identity(
                mesh: configuration.mesh, node: node, zone: configuration.node.zone,
                uid: environment("POD_UID").flatMap { Identity.complaint(aboutName: $0) == nil ? $0 : nil } ?? ""))
        web = MetricsServer(
            registry: metrics.registry, telemetryPath: options.telemetryPath,
            status: { [unowned self] in status() }, prepare: { [unowned self] in metrics.prepare() })
        housekeeping = loop.alarm { [unowned self] in keepHouse() }

        prober.observer = self
        responder.onRequest = { [unowned self] in metrics.answered($0) }
        for address in options.responderListenAddresses { try responder.listen(on: ListenAddress(address), loop) }
        for address in options.webListenAddresses { try web.listen(on: ListenAddress(address), loop) }
        signals = try Signals([SIGTERM, SIGINT, SIGHUP], on: loop) { [unowned self] in received(signal: $0) }

        switch configuration.discovery.source {
        case .file(let path):
            let source = FileSource(path: path, on: loop, observer: self)
            file = source
            try source.start()
        case .kubernetes(let namespace, let service):
            let server =
                try options.kubeconfig.map { try APIServer.kubeconfig($0) }
                ?? APIServer.inCluster(environment: environment)
            var settings = KubernetesSource.Settings(
                namespace: namespace.isEmpty ? server.namespace ?? "default" : namespace, service: service,
                userAgent: userAgent)
            settings.interval = configuration.discovery.interval
            kubernetes = KubernetesSource(server, settings, on: loop, transfers: transfers, observer: self)
            kubernetes?.start()
        }
        log.info(
            "started", ("version", Version.number), ("node", node), ("mesh", configuration.mesh),
            ("web", options.webListenAddresses.joined(separator: " ")),
            ("responder", options.responderListenAddresses.joined(separator: " ")))
    }

    /// Runs until a signal ends it.
    func run() {
        keepHouse()
        loop.run()
        responder.stop()
        web.stop()
        log.info("stopped")
    }

    // MARK: Discovery

    func discovered(_ topology: Topology, invalid: [String]) {
        metrics.discovered(at: wallClockSeconds(), invalid: invalid.count)
        for text in invalid {
            sampledLog.write(.warn, key: "invalid object", at: .now(), "discovery: unusable object", ("object", text))
        }
        if readyAt == nil { readyAt = .now() + configuration[.pod].interval }
        let change = plan.replace(topology)
        apply(change)
        responder.identity.zone = plan.zone
        if change.isEmpty { return }
        log.info(
            "topology changed", ("peers", plan.peers.count), ("targets", plan.targets.count),
            ("added", change.added.count), ("removed", change.removed.count))
    }

    func discoveryConfirmed() {
        metrics.discovered(at: wallClockSeconds())
    }

    func discoveryFailed(_ failure: DiscoveryFailure) {
        metrics.discoveryFailed(failure.reason)
        sampledLog.write(
            .warn, key: "discovery \(failure.reason.rawValue)", at: .now(),
            "discovery failed, the last topology stays", ("reason", failure.reason.rawValue), ("error", failure))
    }

    func discoveryReceived(bytes: Int) {
        metrics.discoveryReceived(bytes: bytes)
    }

    private func apply(_ change: Plan.Change) {
        let channel = configuration[.pod]
        // Added before removed: a target that is replaced by another of the same node keeps its series alive.
        let removed = change.removed.map { slotNumbers.removeValue(forKey: $0)! }
        for target in change.added {
            let number = prober.add(target, interval: channel.interval, timeout: channel.timeout)
            while slots.count <= number { slots.append(nil) }
            slots[number] = Slot(
                target: target, series: metrics.acquire(target, sourceZone: plan.zone), state: plan.state(of: target))
            slotNumbers[target] = number
        }
        for number in removed {
            prober.remove(number)
            metrics.release(slots[number]!.series, at: .now())
            slots[number] = nil
        }
        for number in slotNumbers.values { slots[number]!.state = plan.state(of: slots[number]!.target) }
        metrics.show(
            peers: plan.peers,
            targets: plan.targets.map { plan.state(of: $0).failuresCount ? .probed : .excluded })
    }

    // MARK: Probing

    func probed(_ number: Int, _ outcome: Outcome, detail: () -> String) {
        guard let slot = slots[number] else { preconditionFailure("an outcome of slot \(number), which is free") }
        switch outcome {
        case .success(let latency):
            slots[number]!.isFailing = false
            metrics.succeeded(slot.series, latency: latency)
        case .failure(let reason):
            // Perhaps the peer is gone or has moved: what fails anew is a reason to look.
            if !slot.isFailing { kubernetes?.lookSoon() }
            slots[number]!.isFailing = true
            if slot.state.failuresCount {
                metrics.failed(slot.series, slot.target, reason)
            } else {
                metrics.excluded(slot.state)
            }
            sampledLog.write(
                .warn, key: slot.target.node, at: loop.now, "probe failed", ("target_node", slot.target.node),
                ("channel", slot.target.channel.rawValue), ("protocol", slot.target.probe.rawValue),
                ("address", slot.target.address), ("port", slot.target.port), ("state", slot.state.label),
                ("reason", reason.rawValue), ("error", detail()))
        }
    }

    func started(late lag: Duration) {
        metrics.started(late: lag)
    }

    func skipped(_ count: Int, _ reason: SkipReason) {
        metrics.skipped(count, reason)
    }

    // MARK: The process

    private func status() -> MetricsServer.Status {
        let waitsFor: String? =
            if let readyAt {
                loop.now >= readyAt ? nil : "it has not yet probed for one interval"
            } else {
                "the first discovery has not succeeded"
            }
        return MetricsServer.Status(
            version: Version.number, node: plan.node, mesh: configuration.mesh, waitsFor: waitsFor)
    }

    private func received(signal: Int32) {
        if signal == SIGHUP {
            log.warn("the configuration is not read again in this release: restart for a new one")
            return
        }
        log.info("stopping", ("signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"))
        loop.stop()
    }

    private func keepHouse() {
        sampledLog.flush(at: .now())
        housekeeping.deadline = .now() + .seconds(60)
    }
}

extension Plan.Settings {
    init(_ configuration: Configuration) {
        self.init()
        fullMeshLimit = configuration.peers.fullMeshLimit
        watch = configuration.peers.watch
        podProtocols = configuration[.pod].mode == .off ? [] : configuration[.pod].protocols
    }
}
