internal import Discovery
internal import Mesh
internal import Probing
internal import Reactor

/// What is probed and was not discovered: DNS servers and configured targets.
extension Exporter {
    /// - Parameter apiServer: The cluster IP of the API server's Service, where it is known.
    func startConfiguredTargets(apiServer: IPAddress?) {
        dnsServices = ConfiguredServices(on: loop, observer: self) { [unowned self] in
            resolvers = $0
            replan()
        }
        dnsTargets = DNSTargets(
            configuration, apiServer: apiServer, on: loop, changed: { [unowned self] in ask($0) },
            complain: { [unowned self] in
                sampledLog.write(.warn, key: "resolv.conf", at: .now(), "resolv.conf", ("error", $0))
            })
        dnsTargets.start()
        replaceConfiguredTargets()
    }

    /// Goes on with those of the configuration.
    func replaceConfiguredTargets() {
        let probes = configuration.urlProbes
        // Beside those of targets that are still in the plan.
        prober.requestSettings.merge(configuration.requestSettings) { $1 }
        metrics.probes.egress = Set(probes.filter(\.value.isEgress).keys)
        let targets = probes.sorted { $0.key < $1.key }.map { name, probe in
            var target = probe.place
            target.name = name
            return target
        }
        if let configuredTargets { return configuredTargets.replace(targets) }
        if targets.isEmpty { return }
        configuredTargets = ConfiguredTargets(targets, on: loop, observer: self) { [unowned self] in
            configured = $0
            replan()
        }
        configuredTargets?.start()
    }

    private func ask(_ entries: [DNSTargets.Entry]) {
        // Before their targets are added. What is removed knows its question.
        prober.questions = Dictionary(entries.map { ($0.name, $0.question) }, uniquingKeysWith: { first, _ in first })
        dnsServices.replace(entries.map(\.service))
    }
}
