internal import Discovery
internal import Documents
internal import Mesh
internal import Probing
internal import Reactor
internal import Serving

/// Another configuration while the exporter runs. What it does not change goes on as it was: slots, phases, probes under
/// way, series.
extension Exporter {
    func startReloading(_ options: RunOptions) {
        metrics.reload.succeeded(at: wallClockSeconds())
        if let path = options.configFile {
            configurationFile = ConfigurationFile(path, options, on: loop) { [unowned self] in reload(isAsked: false) }
        }
        if options.enablesLifecycle { web.reload = { [unowned self] in reload(isAsked: true) } }
    }

    /// Reads the configuration again, and goes on with it unless anything is wrong: then nothing changes.
    ///
    /// - Parameter isAsked: Somebody waits for it. Otherwise only news is worth a line of the log.
    /// - Returns: What is wrong, one line for each problem; nil: the configuration is in effect.
    @discardableResult
    func reload(isAsked: Bool) -> String? {
        guard let file = configurationFile else {
            log.warn("there is nothing to reload: --config.file was not given")
            return "There is no configuration file: --config.file was not given."
        }
        let lastFailure = file.failure
        do {
            let (new, warnings) = try file.read(replacing: configuration, of: plan.node)
            metrics.reload.succeeded(at: wallClockSeconds())
            let isNews = isAsked || lastFailure != nil || new != configuration
            replaceConfiguration(by: new)
            if !isNews { return nil }
            for warning in warnings { log.warn("configuration", ("warning", warning)) }
            log.info("the configuration was reloaded", ("file", file.path))
            return nil
        } catch {
            metrics.reload.failed()
            if isAsked || error != lastFailure {
                for problem in error.problems {
                    log.error("the configuration was not reloaded, the old one stays", ("error", problem))
                }
            }
            return error.description
        }
    }

    private func replaceConfiguration(by new: Configuration) {
        let old = configuration
        if new == old { return }
        let oldRoles = metrics.probes.egress
        // One change of the plan for all of it: what is replaced by something of the same name keeps its series.
        isReplacing = true
        configuration = new
        var settings = Plan.Settings(new)
        Exporter.forbidWhatIsRefused(&settings, new, log)
        plan.settings = settings
        plan.configuredZone = new.node.zone
        lifeCycle.warmup = new.peers.warmup.nanoseconds
        metrics.show(channels: plan.settings.channels)
        prober.trust[.ingress] = new[.ingress].trust
        dnsTargets.replace(new)
        replaceConfiguredTargets()
        replaceDiscovery()
        isReplacing = false
        replan()
        changeSlots(rolesChanged: oldRoles.symmetricDifference(metrics.probes.egress))
        // Only now: until the plan was changed there were targets with the old ones.
        prober.requestSettings = new.requestSettings
    }

    private func replaceDiscovery() {
        guard let kubernetes else { return }
        let resources = configuration.discoveryResources
        kubernetes.change(
            interval: configuration.discovery.interval, resources: resources,
            probesAPIServer: !configuration.isOff(.apiServer))
        metrics.discovery.ignore(Configuration.allDiscoveryResources.subtracting(resources), at: .now())
    }

    /// - Parameter names: Of configured targets whose role is another one, which is a label.
    private func changeSlots(rolesChanged names: Set<String>) {
        for (number, slot) in slots.enumerated() {
            guard let target = slot?.target else { continue }
            let (interval, timeout) = configuration.schedule(of: target)
            prober.change(number, target, interval: interval, timeout: timeout)
            if target.channel != .url || !names.contains(target.name) { continue }
            let series = metrics.probes.acquire(target, sourceZone: plan.zone)
            metrics.probes.release(slots[number]!.series, at: .now())
            slots[number]!.series = series
        }
    }
}
