import Support
import Testing

/// Three exporters that find each other through a recorded API server. The recorded addresses are nobody's here: they
/// are replaced by loopback ones before anything is probed.
@Suite(.serialized) struct KubernetesTests {
    private static let names = ["node-00000", "node-00001", "node-00002"]

    private final class Cluster {
        let api: RecordedAPI
        let folder: TemporaryFolder
        let hosts = LoopbackHosts.next(3)
        let responderPort: FreePort
        let webPort: FreePort
        private(set) var processes: [Running] = []
        private let keepsTopology: Bool

        /// - Parameter keepsTopology: Each exporter has a folder for what it knows.
        init(interval: String = "1s", keepsTopology: Bool = false) async throws {
            self.keepsTopology = keepsTopology
            api = try RecordedAPI()
            try api.serve(endpointSlices: "3/list/endpointslices-of-service.json")
            responderPort = try FreePort(on: hosts)
            webPort = try FreePort(on: hosts)
            let (hosts, port) = (hosts, responderPort.port)
            try api.change { slices in
                try slices.remove("heartmesh-q5zfh")
                for (name, host) in zip(KubernetesTests.names, hosts) { try slices.setAddress(host, ofNode: name) }
                try slices.setPort(named: "http", to: port)
            }
            folder = try TemporaryFolder()
            try folder.write(
                """
                discovery: {interval: \(interval), kubernetes: {namespace: heartmesh, service: heartmesh}}
                channels: {pod: {interval: 400ms, timeout: 2s}, dns: {mode: off}}

                """, "heartmesh.yaml")
            try folder.write(
                """
                apiVersion: v1
                kind: Config
                current-context: lab
                contexts: [{name: lab, context: {cluster: lab, user: lab}}]
                clusters: [{name: lab, cluster: {server: "\(api.url)"}}]
                users: [{name: lab, user: {token: a-token}}]

                """, "kubeconfig")
            // Nobody is probed before it listens: otherwise the first probes are refused, and rightly so.
            api.refuse()
            for index in 0..<3 { processes.append(try start(index)) }
            for host in hosts {
                try await eventually(within: .seconds(20), "the responder on \(host) listens") {
                    try await HTTPGet.fetch("http://\(host):\(port)/").status == 200
                }
            }
            try api.heal()
        }

        deinit { for process in processes { process.stop() } }

        private func start(_ index: Int) throws -> Running {
            let (name, host) = (KubernetesTests.names[index], hosts[index])
            if keepsTopology { try folder.makeFolder("cache-\(index)") }
            return try Running(
                heartmeshBinary(),
                [
                    "run", "--config.file=\(folder.path)/heartmesh.yaml", "--kubeconfig=\(folder.path)/kubeconfig",
                    "--node.name=\(name)", "--web.listen-address=\(host):\(webPort.port)",
                    "--responder.listen-address=\(host):\(responderPort.port)",
                ] + (keepsTopology ? ["--discovery.cache-dir=\(folder.path)/cache-\(index)"] : []))
        }

        func restart(_ index: Int) throws {
            processes[index].stop()
            processes[index] = try start(index)
        }

        func scrape(_ index: Int = 0) async throws -> Scrape {
            try await Scrape.from("http://\(hosts[index]):\(webPort.port)/metrics")
        }

        func waitForHealth() async throws {
            for index in 0..<3 {
                try await eventually(within: .seconds(20), "exporter \(index) probes both of its peers") {
                    try await self.scrape(index)
                } until: { scrape in
                    let probes = scrape.samples("heartmesh_peer_probes_total")
                    return probes.count == 2 && probes.allSatisfy { $0.value >= 3 }
                }
            }
        }
    }

    @Test func peersAreFoundAndProbed() async throws {
        let cluster = try await Cluster()
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
        let cluster = try await Cluster()
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
        let cluster = try await Cluster(keepsTopology: true)
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
        let cluster = try await Cluster()
        try await cluster.waitForHealth()
        try cluster.api.change { try $0.removeEndpoints(ofNode: "node-00002") }
        try await eventually(within: .seconds(20), "its series are gone") {
            try await cluster.scrape().samples("heartmesh_peer_probes_total", ["target_node": "node-00002"]).isEmpty
        }
        #expect(try await cluster.scrape().value("heartmesh_peers", ["state": "active"]) == 1)
        #expect(try await cluster.scrape().sum("heartmesh_peer_probe_failures_total") == 0)
    }

    @Test func aPeerThatFailsAnewIsLookedUpBeforeTheIntervalIsOver() async throws {
        let cluster = try await Cluster(interval: "1h")
        try await cluster.waitForHealth()
        try cluster.api.change { try $0.removeEndpoints(ofNode: "node-00002") }
        cluster.processes[2].kill()
        try await eventually(within: .seconds(30), "the peer that is gone is not probed any more") {
            try await cluster.scrape().samples("heartmesh_peer_probes_total", ["target_node": "node-00002"]).isEmpty
        }
        #expect(try await cluster.scrape().value("heartmesh_peers", ["state": "active"]) == 1)
    }
}
