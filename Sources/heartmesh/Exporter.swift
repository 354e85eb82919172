internal import Discovery
internal import Glibc
internal import Mesh
internal import Probing
internal import Reactor
internal import Serving

/// One exporter, put together: a new topology goes to the plan, the plan's targets go to the prober, an outcome goes to
/// the metrics, a scrape renders them.
final class Exporter: DiscoveryObserver {
    struct Slot {
        let target: Target
        var series: ProbeMetrics.TargetSeries
        var state: PeerState
        /// Nil before the first probe has ended; the time is in seconds since the epoch.
        var last: (outcome: Outcome, time: Double)?
        /// Of the last probe that succeeded, in nanoseconds.
        var latency: Int64?
        /// A failure of it has counted since its last success.
        var isUnwell = false
        /// What is known of probes over UDP that failed and are held: so many requests and replies got lost.
        var heldLosses = (requests: 0, replies: 0)
        /// Nil before they were read once, and where there are none.
        var certificates: (dates: CertificateDates, series: CertificateMetrics.Series)?
    }

    var configuration: Configuration
    let log: Log
    let sampledLog: SampledLog
    let loop: EventLoop
    private let transfers: Transfers
    let prober: Prober
    let metrics: Metrics
    let responder: Responder
    private(set) var web: MetricsServer!
    var kubernetes: KubernetesSource?
    private var file: FileSource?
    var dnsTargets: DNSTargets!
    var dnsServices: ConfiguredServices!
    var configuredTargets: ConfiguredTargets?
    var configurationFile: ConfigurationFile?
    /// While parts of the configuration are of the new one and parts of the old.
    var isReplacing = false
    private var signals: Signals?
    private var housekeeping: Alarm!
    var lifeCycle: LifeCycle
    /// When the life cycle goes on by itself.
    private(set) var aging: Alarm!
    var held = HeldFailures()
    /// When the API is asked again about what is held.
    private(set) var confirming: Alarm!
    /// What the prober has said of the probe whose outcome comes next.
    var remark: Remark?
    /// It has said goodbye.
    var isDraining = false
    /// When that is over.
    private(set) var ending: Alarm!

    var plan: Plan
    /// As the mesh's own source has it; nil before it has been read once.
    private var mesh: Topology?
    /// The DNS servers and the configured targets, as far as their names are known.
    var resolvers: [Service] = []
    var configured: [Service] = []
    /// By the prober's slots.
    var slots: [Slot?] = []
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
        if let complaint = Identity.complaint(aboutMesh: configuration.mesh, node: node) { throw Unusable(complaint) }
        let server = try options.apiServer(configuration, environment: environment)
        let flows = FlowTable()
        prober = Prober(
            mesh: configuration.mesh, node: node, userAgent: userAgent, flows: flows,
            trust: [.ingress: configuration[.ingress].trust, .apiServer: server?.probeTrust ?? .system],
            on: loop, transfers: transfers)
        var settings = Plan.Settings(configuration)
        Exporter.forbidWhatIsRefused(&settings, configuration, log)
        metrics = Metrics(
            node: node, channels: settings.channels,
            peers: server == nil ? .file : .endpointslices,
            discoveryReasons: server == nil ? DiscoveryReason.ofFiles : DiscoveryReason.ofKubernetes)
        plan = Plan(node: node, zone: configuration.node.zone, settings: settings)
        lifeCycle = LifeCycle(node: node, warmup: configuration.peers.warmup.nanoseconds)
        responder = Responder(
            Responder.Identity(
                mesh: configuration.mesh, node: node, zone: configuration.node.zone,
                uid: environment("POD_UID").flatMap { Identity.complaint(aboutName: $0) == nil ? $0 : nil } ?? ""),
            flows: flows)
        web = MetricsServer(
            registry: metrics.registry, telemetryPath: options.telemetryPath,
            status: { [unowned self] in status() }, targets: { [unowned self] in targetsDocument },
            prepare: { [unowned self] in metrics.prepare() })
        housekeeping = loop.alarm { [unowned self] in keepHouse() }
        aging = loop.alarm { [unowned self] in timePassed() }
        confirming = loop.alarm { [unowned self] in askAgain() }
        ending = loop.alarm { [unowned self] in loop.stop() }

        prober.observer = self
        responder.onRequest = { [unowned self] in metrics.answered($0) }
        responder.onEcho = { [unowned self] in metrics.echoed($0) }
        responder.onReport = { [unowned self] in prober.received($0, at: $1) }
        for address in options.responderListenAddresses { try responder.listen(on: ListenAddress(address), loop) }
        for address in options.webListenAddresses { try web.listen(on: ListenAddress(address), loop) }
        signals = try Signals([SIGTERM, SIGINT, SIGHUP], on: loop) { [unowned self] in received(signal: $0) }

        startReloading(options)
        startConfiguredTargets(apiServer: environment("KUBERNETES_SERVICE_HOST").flatMap { IPAddress($0) })
        switch configuration.discovery.source {
        case .file(let path):
            if options.cacheFolder != nil { throw Unusable(RunOptions.cacheWithoutAPI) }
            let source = FileSource(path: path, on: loop, observer: self)
            file = source
            try source.start()
        case .kubernetes(let namespace, let service):
            guard let server else { preconditionFailure("Kubernetes without an API server") }
            var settings = KubernetesSource.Settings(
                namespace: namespace.isEmpty ? server.namespace ?? "default" : namespace, service: service,
                node: node, userAgent: userAgent)
            settings.interval = configuration.discovery.interval
            settings.resources = configuration.discoveryResources
            settings.probesAPIServer = configuration[.apiServer].mode != .off
            kubernetes = KubernetesSource(
                server, settings, cache: try options.cache(for: settings, mesh: configuration.mesh, on: loop), on: loop,
                transfers: transfers, observer: self)
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
        close()
        log.info("stopped")
    }

    // MARK: Discovery

    func discovered(_ topology: Topology) {
        if readyAt == nil { readyAt = .now() + configuration[.pod].interval }
        mesh = topology
        lifeCycle.replace(topology, at: loop.now.nanoseconds)
        replan()
    }

    /// What is configured waits for the first discovery, too: which families this node's pod has is known then.
    func replan() {
        guard let mesh, !isReplacing else { return }
        let change = plan.replace(mesh.adding(resolvers + configured))
        prober.backends = plan.backends
        reviewHeld(leaving: change.removed.compactMap { slotNumbers[$0] })
        apply(change)
        responder.identity.zone = plan.zone
        kubernetes?.watch(plan.watched)
        if change.isEmpty { return }
        log.info(
            "topology changed", ("peers", plan.peers.count), ("targets", plan.targets.count),
            ("added", change.added.count), ("removed", change.removed.count))
    }

    private func apply(_ change: Plan.Change) {
        // Added before removed: a target that is replaced by another of the same node keeps its series alive.
        let removed = change.removed.map { slotNumbers.removeValue(forKey: $0)! }
        for target in change.added {
            let (interval, timeout) = configuration.schedule(of: target)
            let number = prober.add(target, interval: interval, timeout: timeout)
            while slots.count <= number { slots.append(nil) }
            slots[number] = Slot(
                target: target, series: metrics.probes.acquire(target, sourceZone: plan.zone),
                state: lifeCycle.state(of: target))
            slotNumbers[target] = number
        }
        for number in removed {
            prober.remove(number)
            metrics.probes.release(slots[number]!.series, at: .now())
            if let certificates = slots[number]!.certificates {
                metrics.certificates.release(certificates.series, at: .now())
            }
            slots[number] = nil
        }
        showStates()
    }

    // MARK: The process

    private func status() -> MetricsServer.Status {
        let waitsFor: String? =
            if isDraining {
                "it is shutting down"
            } else if let readyAt {
                loop.now >= readyAt ? nil : "it has not yet probed for one interval"
            } else {
                "the first discovery has not succeeded"
            }
        return MetricsServer.Status(
            version: Version.number, node: plan.node, mesh: configuration.mesh, waitsFor: waitsFor)
    }

    private func received(signal: Int32) {
        if signal == SIGHUP {
            reload(isAsked: true)
            return
        }
        end(by: signal)
    }

    private func keepHouse() {
        sampledLog.flush(at: .now())
        metrics.removeExpired()
        housekeeping.deadline = .now() + .seconds(60)
    }
}

/// What keeps an exporter from starting, for a person to read.
private struct Unusable: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
