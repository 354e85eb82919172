internal import Discovery
internal import Reactor

extension RunOptions {
    static let cacheWithoutAPI =
        "--discovery.cache-dir keeps what the Kubernetes API has told: a static mesh (discovery.file) has no use for it"

    /// - Throws: When the folder can't be written to.
    func cache(
        for settings: KubernetesSource.Settings, mesh: String, on loop: EventLoop
    ) throws(SystemError) -> TopologyCache? {
        guard let cacheFolder else { return nil }
        return try TopologyCache(
            folder: cacheFolder, mesh: mesh, namespace: settings.namespace, service: settings.service,
            node: settings.node, on: loop)
    }
}

extension Exporter {
    func discoveryRestored(age: Duration) {
        log.warn(
            "the API does not answer: the peers are those that an earlier run has kept on disk",
            ("written_ago", "\(age.components.seconds)s"))
    }

    func discoveryCacheFailed(_ problem: String) {
        sampledLog.write(
            .warn, key: "discovery cache", at: .now(), "discovery: the cache on disk is of no use", ("error", problem))
    }
}
