import Support
import Testing

/// Three exporters that find each other through a recorded API server. The recorded addresses are nobody's here: they
/// are replaced by loopback ones before anything is probed.
@Suite(.serialized) struct KubernetesTests {
    @Test func peersAreFoundAndProbed() async throws {
        let cluster = try await KubernetesCluster()
        try await cluster.waitForHealth()
        let scrape = try await cluster.scrape()
        #expect(scrape.sum("heartmesh_peer_probe_failures_total") == 0)
        let zones = scrape.samples("heartmesh_probes_total").map {
            [$0.labels["source_zone"], $0.labels["target_zone"]]
        }
        #expect(Set(zones) == [["lab-1a", "lab-1b"], ["lab-1a", "lab-1c"]])
        let responder = try await HTTPGet.fetch("http://\(cluster.hosts[0]):\(cluster.responderPort.port)/")
        #expect(responder.headers["Heartmesh"]?.contains("node=node-00000; zone=lab-1a;") == true)
        let requests = cluster.api.exchanges.map(\.request)
        #expect(requests.allSatisfy { $0.headers["Authorization"] == "Bearer a-token" })
        #expect(requests.allSatisfy { $0.headers["User-Agent"]?.hasPrefix("heartmesh/") == true })
        #expect(requests.allSatisfy { $0.method == "GET" && $0.query["watch"] == nil })
    }

    /// Whatever the API server does instead of a good answer: `nil` refuses connections, the last one is a list of nobody.
    private static let outages: [(failure: Failure?, reason: String)] = [
        (nil, "refused"), (.unauthorized, "unauthorized"), (.forbidden, "forbidden"), (.gone, "gone"),
        (.tooManyRequests(), "throttled"), (.serverError, "server_error"), (.invalidJSON, "invalid"),
        (.hang, "timeout"), (nil, "shrunk"),
    ]

    @Test func anAPIServerThatIsAwayChangesNothing() async throws {
        let cluster = try await KubernetesCluster()
        try await cluster.waitForHealth()
        let peers = ["resource": "endpointslices"]
        let slices = try #require(cluster.api.endpointSlices)
        for (failure, reason) in Self.outages {
            func failures() async throws -> Double {
                try await cluster.scrape().sum(
                    "heartmesh_discovery_failures_total", peers.merging(["reason": reason]) { $1 })
            }
            let before = try await failures()
            if let failure { cluster.api.fail(failure) }
            if reason == "refused" { cluster.api.refuse() }
            if reason == "shrunk" { try cluster.api.change { $0.removeAll() } }
            try await eventually(within: .seconds(40), "\(reason) is counted") { try await failures() > before }
            let during = try await cluster.scrape()
            #expect(try during.value("heartmesh_peers", ["state": "active"]) == 2, "\(reason)")
            try await eventually(within: .seconds(20), "the probes go on after \(reason)") {
                try await cluster.scrape().sum("heartmesh_peer_probes_total")
                    >= during.sum("heartmesh_peer_probes_total") + 6
            }
            let last = try await cluster.scrape()
            #expect(last.sum("heartmesh_peer_probe_failures_total") == 0, "\(reason)")

            try cluster.api.heal()
            try cluster.api.change { $0 = slices }
            let time = "heartmesh_discovery_last_success_timestamp_seconds"
            try await eventually(within: .seconds(40), "discovery goes on after \(reason)") {
                try await cluster.scrape().sum(time, peers) > last.sum(time, peers)
            }
        }
    }

    @Test func aRestartWhileTheAPIServerIsAwayStillKnowsThePeers() async throws {
        let cluster = try await KubernetesCluster(keepsTopology: true)
        try await cluster.waitForHealth()
        try await eventually(within: .seconds(20), "the peers are on disk") {
            try cluster.folder.read("cache-0/topology.json").contains(cluster.hosts[2])
        }
        cluster.api.refuse()
        try cluster.restart(0)
        try await cluster.waitForHealth()
        let scrape = try await cluster.scrape()
        #expect(try scrape.value("heartmesh_peers", ["state": "active"]) == 2)
        #expect(scrape.sum("heartmesh_peer_probe_failures_total") == 0)
        // Probing is well, and discovery is not: that is what its own metrics and the log say.
        let peers = ["resource": "endpointslices"]
        #expect(try scrape.value("heartmesh_discovery_last_success_timestamp_seconds", peers) == 0)
        #expect(scrape.sum("heartmesh_discovery_failures_total", peers) > 0)
        #expect(cluster.processes[0].errorText.contains("the peers are those that an earlier run has kept on disk"))

        try cluster.api.heal()
        try await eventually(within: .seconds(20), "discovery goes on") {
            try await cluster.scrape().sum("heartmesh_discovery_last_success_timestamp_seconds", peers) > 0
        }
        #expect(try await cluster.scrape().value("heartmesh_peers", ["state": "active"]) == 2)
    }

    @Test func aCacheFolderThatCannotBeUsedIsToldAtTheStart() throws {
        let folder = try TemporaryFolder()
        try folder.write("peers: [{node: a, addresses: [127.0.0.1]}]\n", "peers.yaml")
        try folder.write("discovery: {file: \(folder.path)/peers.yaml}\n", "static.yaml")
        try folder.write(
            """
            current-context: lab
            contexts: [{name: lab, context: {cluster: lab}}]
            clusters: [{name: lab, cluster: {server: "http://127.0.0.1:1"}}]

            """, "kubeconfig")
        func complaint(_ arguments: [String]) throws -> String {
            let exporter = try Running(
                heartmeshBinary(),
                [
                    "run", "--node.name=a", "--web.listen-address=127.0.0.1:0",
                    "--responder.listen-address=127.0.0.1:0", "--discovery.cache-dir=\(folder.path)/nowhere",
                ] + arguments)
            #expect(exporter.waitForExit() == .code(1))
            return exporter.errorText
        }
        #expect(
            try complaint(["--kubeconfig=\(folder.path)/kubeconfig"]).contains(
                "open \(folder.path)/nowhere/topology.json.new: No such file or directory"))
        #expect(
            try complaint(["--config.file=\(folder.path)/static.yaml"]).contains(
                "a static mesh (discovery.file) has no use for it"))
    }

    @Test func aNodeThatIsRemovedIsNotProbedAnyMore() async throws {
        let cluster = try await KubernetesCluster()
        try await cluster.waitForHealth()
        try cluster.api.change { try $0.removeEndpoints(ofNode: "node-00002") }
        try await eventually(within: .seconds(20), "its series are gone") {
            try await cluster.scrape().samples("heartmesh_peer_probes_total", ["target_node": "node-00002"]).isEmpty
        }
        #expect(try await cluster.scrape().value("heartmesh_peers", ["state": "active"]) == 1)
        #expect(try await cluster.scrape().sum("heartmesh_peer_probe_failures_total") == 0)
    }

    @Test func aPeerThatFailsAnewIsLookedUpBeforeTheIntervalIsOver() async throws {
        let cluster = try await KubernetesCluster(interval: "1h")
        try await cluster.waitForHealth()
        try cluster.api.change { try $0.removeEndpoints(ofNode: "node-00002") }
        cluster.processes[2].kill()
        try await eventually(within: .seconds(30), "the peer that is gone is not probed any more") {
            try await cluster.scrape().samples("heartmesh_peer_probes_total", ["target_node": "node-00002"]).isEmpty
        }
        let scrape = try await cluster.scrape()
        #expect(try scrape.value("heartmesh_peers", ["state": "active"]) == 1)
        // Before the first failure counted, the API was asked.
        #expect(scrape.sum("heartmesh_probe_failures_total") == 0)
        #expect(try scrape.value("heartmesh_excluded_failures_total", ["state": "gone"]) ?? 0 >= 1)
        try await cluster.processes[0].waitForLog("state=gone counted=false reason=refused")
    }
}
