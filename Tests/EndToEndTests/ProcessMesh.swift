import Support

/// A mesh of real processes on loopback addresses, one for each node, with a static mesh document.
final class ProcessMesh {
    struct Node {
        let name: String
        let zone: String
        let host: String
    }

    let nodes: [Node]
    let folder: TemporaryFolder
    let responderPort: FreePort
    let webPort: FreePort
    private(set) var processes: [String: Running] = [:]

    /// Starts all of them. The timeout is long for loopback: these are two busy cores, and a probe that waits for its
    /// turn is not what these tests are about.
    ///
    /// - Parameters:
    ///   - channels: The configuration's `channels`, from the responders' port.
    ///   - probes: The configuration's `probes`, in YAML's flow style.
    ///   - drain: For how long each says goodbye when it is told to end.
    init(
        _ count: Int = 6, probes: String = "", drain: String = "0s",
        channels: (UInt16) -> String = { _ in "pod: {interval: 400ms, timeout: 2s}" }
    ) async throws {
        let hosts = LoopbackHosts.next(count)
        nodes = hosts.enumerated().map { index, host in
            Node(name: "node-\("abcdefghij".dropFirst(index).first!)", zone: "z\(index / 2 + 1)", host: host)
        }
        folder = try TemporaryFolder()
        responderPort = try FreePort(on: hosts)
        webPort = try FreePort(on: hosts)
        // Nobody is probed before it is up: otherwise the first probes are refused, and rightly so.
        try folder.write("peers: []\n", "mesh.yaml")
        let own = channels(responderPort.port)
        // The machine's own resolv.conf may be a cluster's.
        let all = own.contains("dns:") ? own : "\(own), dns: {mode: off}"
        try folder.write(
            """
            mesh: test
            discovery: {file: mesh.yaml, interval: 1s}
            channels: {\(all)}
            probes: [\(probes)]
            shutdown: {drain: \(drain)}

            """, "heartmesh.yaml")
        for node in nodes { try start(node.name) }
        for node in nodes { try await waitUntilReady(node.name) }
        try list(nodes.map(\.name))
        for node in nodes {
            try await eventually(within: .seconds(20), "\(node.name) knows its peers") {
                try await scrape(node.name).sum("heartmesh_peers", ["state": "active"]) == Double(count - 1)
            }
        }
    }

    /// Writes the mesh document with these nodes.
    ///
    /// - Parameter services: The document's `services`, without their ports, which are all the responders' one. When there
    ///   are some, each node and its secondary interface have the address of its pod.
    func list(_ names: [String], services: [String] = []) throws {
        let peers = names.map(node(_:)).map { node in
            let more = ", nodeAddresses: [\(node.host)], networks: [{network: storage, addresses: [\(node.host)]}]"
            return """
                  - {node: \(node.name), zone: \(node.zone), addresses: [\(node.host)], \
                port: \(responderPort.port)\(services.isEmpty ? "" : more)}

                """
        }
        let entries = services.map { "  - {\($0), port: \(responderPort.port)}\n" }
        try folder.write(
            "peers:\n\(peers.joined())" + (entries.isEmpty ? "" : "services:\n\(entries.joined())"), "mesh.yaml")
    }

    deinit { for process in processes.values { process.stop() } }

    func node(_ name: String) -> Node { nodes.first { $0.name == name }! }

    func others(than name: String) -> [Node] { nodes.filter { $0.name != name } }

    func start(_ name: String) throws {
        let node = node(name)
        processes[name] = try Running(
            heartmeshBinary(),
            [
                "run", "--config.file=\(folder.path)/heartmesh.yaml",
                "--web.listen-address=\(node.host):\(webPort.port)",
                "--responder.listen-address=\(node.host):\(responderPort.port)",
            ], environment: ["NODE_NAME": name])
    }

    func waitUntilReady(_ name: String) async throws {
        try await eventually(within: .seconds(20), "\(name) is ready") {
            try await HTTPGet.fetch(url(name, "/-/ready")).status == 200
        }
    }

    func url(_ name: String, _ path: String) -> String { "http://\(node(name).host):\(webPort.port)\(path)" }

    func scrape(_ name: String) async throws -> Scrape { try await Scrape.from(url(name, "/metrics")) }

    /// What one node says of another: probes and failures.
    func view(of target: String, from source: String) async throws -> (probes: Double, failures: Double) {
        let scrape = try await scrape(source)
        let labels = ["target_node": target]
        return (
            scrape.sum("heartmesh_peer_probes_total", labels), scrape.sum("heartmesh_peer_probe_failures_total", labels)
        )
    }

    /// Waits until every other node has counted so many more failures of this one, all for this reason.
    func waitForFailures(of target: String, reason: String, atLeast count: Double = 2) async throws {
        for source in others(than: target) where processes[source.name]?.exit == nil {
            let before = try await scrape(source.name)
            let labels = ["reason": reason, "channel": "pod", "protocol": "http", "ip_family": "ipv4"]
            let start = before.sum("heartmesh_probe_failure_reasons_total", labels)
            try await eventually(within: .seconds(20), "\(source.name) counts \(reason) of \(target)") {
                try await scrape(source.name)
            } until: {
                $0.sum("heartmesh_probe_failure_reasons_total", labels) >= start + count
                    && $0.sum("heartmesh_peer_probe_failures_total", ["target_node": target]) >= count
            }
        }
    }

    /// Waits until every other node has probed this one so many times more without a failure.
    func waitForHealth(of target: String) async throws {
        for source in others(than: target) {
            var start = try await view(of: target, from: source.name)
            try await eventually(within: .seconds(20), "\(source.name) has no more failures of \(target)") {
                let now = try await view(of: target, from: source.name)
                // A probe from before may still end as a failure: then it is counted from there.
                if now.failures > start.failures { start = now }
                return now.probes >= start.probes + 4
            }
        }
    }

    /// The targets of which any node has counted a failure.
    func failedTargets() async throws -> Set<String> {
        var failed: Set<String> = []
        for node in nodes where processes[node.name]?.exit == nil {
            let samples = try await scrape(node.name).samples("heartmesh_peer_probe_failures_total")
            failed.formUnion(samples.filter { $0.value > 0 }.compactMap { $0.labels["target_node"] })
        }
        return failed
    }
}
