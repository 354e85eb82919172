internal import Discovery
internal import Mesh
internal import Probing

/// What the configuration means to the modules.
extension Configuration {
    func isOff(_ channel: Channel) -> Bool { self[channel].mode == .off }

    /// What has to be read of the API server beside the peers.
    var discoveryResources: Set<DiscoveryResource> {
        Set(Configuration.discoveryNeeds.filter { !$0.channels.allSatisfy(isOff) }.map(\.resource))
    }

    /// The same when no channel is off.
    static var allDiscoveryResources: Set<DiscoveryResource> { Set(discoveryNeeds.map(\.resource)) }

    private static let discoveryNeeds: [(resource: DiscoveryResource, channels: [Channel])] = [
        (.services, [.clusterIP, .hairpin, .nodePort, .loadBalancer]), (.ingresses, [.ingress]),
        (.nodes, [.node, .nodePort]), (.pods, [.multus]),
    ]
}

extension Configuration {
    /// The configured targets with a URL, by their names; none when their channel is off.
    var urlProbes: [String: URLProbe] {
        if isOff(.url) { return [:] }
        return probes.reduce(into: [:]) { probes, probe in
            if case .url(let settings) = probe.kind { probes[probe.name] = settings }
        }
    }
}

extension Configuration {
    /// By the names of configured targets, what they are asked over HTTP.
    var requestSettings: [String: RequestSettings] { urlProbes.compactMapValues(\.request) }
}

extension Configuration.ChannelSettings {
    var trust: Trust { caFile.isEmpty ? .system : .file(caFile) }
}

extension Plan.Settings {
    /// Those that are not off.
    var channels: [Channel] { Channel.allCases.filter { protocols[$0] != nil } }

    init(_ configuration: Configuration) {
        self.init()
        fullMeshLimit = configuration.peers.fullMeshLimit
        watch = configuration.peers.watch
        nodePort = configuration[.node].port
        for channel in Channel.allCases {
            protocols[channel] = configuration.isOff(channel) ? nil : configuration[channel].protocols
            // Configured targets are probed as they say, whatever the servers of resolv.conf are.
            if configuration.probes.contains(where: { $0.channel == channel }) {
                protocols[channel] = channel.protocols
            }
            if configuration[channel].mode == .on { required.insert(channel) }
        }
        setLargePayloads(configuration)
    }
}

extension RunOptions {
    /// - Returns: Nil for a static mesh.
    func apiServer(
        _ configuration: Configuration, environment: (String) -> String?
    ) throws(APIServer.Invalid) -> APIServer? {
        if case .file = configuration.discovery.source { return nil }
        if let kubeconfig { return try APIServer.kubeconfig(kubeconfig) }
        return try APIServer.inCluster(environment: environment)
    }
}

extension APIServer {
    var probeTrust: Trust { trust.map { .certificates($0) } ?? .system }
}
