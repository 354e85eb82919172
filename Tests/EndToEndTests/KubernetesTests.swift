import Foundation
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

        init(interval: String = "1s") async throws {
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
            for (name, host) in zip(KubernetesTests.names, hosts) {
                processes.append(
                    try Running(
                        heartmeshBinary(),
                        [
                            "run", "--config.file=\(folder.path)/heartmesh.yaml",
                            "--kubeconfig=\(folder.path)/kubeconfig", "--node.name=\(name)",
                            "--web.listen-address=\(host):\(webPort.port)",
                            "--responder.listen-address=\(host):\(responderPort.port)",
                        ]))
            }
            for host in hosts {
                try await eventually(within: .seconds(20), "the responder on \(host) listens") {
                    try await HTTPGet.fetch("http://\(host):\(port)/").status == 200
                }
            }
            try api.heal()
        }

        deinit { for process in processes { process.stop() } }

        /// Gives the node's pod another UID.
        ///
        /// - Returns: The former one.
        func change(_ node: String, uid: String) throws -> String {
            var former = ""
            try api.change { slices in
                try slices.changeEndpoints(ofNode: node) { endpoint in
                    let text = String(decoding: endpoint, as: UTF8.self)
                    let start = try #require(text.range(of: #""uid":""#)).upperBound
                    let end = try #require(text[start...].firstIndex(of: "\""))
                    former = String(text[start..<end])
                    return Array(text.replacingCharacters(in: start..<end, with: uid).utf8)
                }
            }
            return former
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

    @Test func anAPIServerThatIsAwayChangesNothing() async throws {
        let cluster = try await Cluster()
        try await cluster.waitForHealth()
        func failures() async throws -> Double {
            try await cluster.scrape().sum(
                "heartmesh_discovery_failures_total", ["resource": "endpointslices", "reason": "refused"])
        }
        let before = try await failures()
        cluster.api.refuse()
        try await eventually(within: .seconds(20), "the failure is counted") { try await failures() >= before + 2 }
        let during = try await cluster.scrape()
        #expect(try during.value("heartmesh_peers", ["state": "active"]) == 2)
        try await eventually(within: .seconds(20), "the probes go on") {
            try await cluster.scrape().sum("heartmesh_peer_probes_total")
                >= during.sum("heartmesh_peer_probes_total") + 6
        }
        let last = try await cluster.scrape()
        #expect(last.sum("heartmesh_peer_probe_failures_total") == 0)

        try cluster.api.heal()
        let time = "heartmesh_discovery_last_success_timestamp_seconds"
        try await eventually(within: .seconds(20), "discovery goes on") {
            try await cluster.scrape().sum(time) > last.sum(time)
        }
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
        let scrape = try await cluster.scrape()
        #expect(try scrape.value("heartmesh_peers", ["state": "active"]) == 1)
        // Before the first failure counted, the API was asked.
        #expect(scrape.sum("heartmesh_probe_failures_total") == 0)
        #expect(try scrape.value("heartmesh_excluded_failures_total", ["state": "gone"]) ?? 0 >= 1)
        try await cluster.processes[0].waitForLog("state=gone counted=false reason=refused")
    }

    /// The API may be seconds late: it is asked a second time.
    @Test func aPeerThatIsGoneAtTheSecondLookIsExcluded() async throws {
        let cluster = try await Cluster(interval: "1h")
        try await cluster.waitForHealth()
        let looks = cluster.api.exchanges.count
        cluster.processes[2].kill()
        try await eventually(within: .seconds(20), "both have asked the API, and it knew nothing") {
            cluster.api.exchanges.count >= looks + 2
        }
        try cluster.api.change { try $0.removeEndpoints(ofNode: "node-00002") }
        for index in 0..<2 {
            try await eventually(within: .seconds(30), "exporter \(index) excludes it") {
                try await cluster.scrape(index).value("heartmesh_excluded_failures_total", ["state": "gone"]) ?? 0 >= 2
            }
            #expect(try await cluster.scrape(index).sum("heartmesh_probe_failures_total") == 0)
        }
    }

    /// It counts with all that was held for it; what comes after it counts at once.
    @Test func aPeerThatIsStillThereAtTheSecondLookCounts() async throws {
        let cluster = try await Cluster(interval: "1h")
        try await cluster.waitForHealth()
        let before = try await cluster.scrape()
        let start = ContinuousClock.now
        cluster.processes[2].kill()
        let labels = ["target_node": "node-00002"]
        try await eventually(within: .seconds(30), "the failures count") {
            try await cluster.scrape().sum("heartmesh_peer_probe_failures_total", labels) >= 10
        }
        #expect(ContinuousClock.now - start >= .seconds(6))
        let after = try await cluster.scrape()
        #expect(after.sum("heartmesh_excluded_failures_total") == 0)
        // Nothing is lost, and the others are well.
        #expect(
            after.sum("heartmesh_peer_probe_failures_total")
                == after.sum("heartmesh_peer_probe_failures_total", labels))
        #expect(after.sum("heartmesh_peer_probes_total", labels) > before.sum("heartmesh_peer_probes_total", labels))
        try await cluster.processes[0].waitForLog("state=active counted=true reason=refused")
    }

    @Test func withoutTheAPIFailuresCountAtOnce() async throws {
        let cluster = try await Cluster()
        try await cluster.waitForHealth()
        cluster.api.refuse()
        try await eventually(within: .seconds(20), "discovery fails") {
            try await cluster.scrape().sum("heartmesh_discovery_failures_total", ["reason": "refused"]) >= 2
        }
        cluster.processes[2].kill()
        try await eventually(within: .seconds(20), "the failures count") {
            try await cluster.scrape().sum("heartmesh_peer_probe_failures_total") >= 3
        }
        #expect(try await cluster.scrape().sum("heartmesh_excluded_failures_total") == 0)
    }

    /// Series are keyed on nodes: a new pod at the same or at another address goes on with its predecessor's.
    @Test func aNewPodOnTheSameNodeGoesOnWithItsSeries() async throws {
        let cluster = try await Cluster()
        try await cluster.waitForHealth()
        let labels = ["target_node": "node-00002"]
        func counts() async throws -> (probes: Double, failures: Double) {
            let scrape = try await cluster.scrape()
            return (
                scrape.sum("heartmesh_peer_probes_total", labels),
                scrape.sum("heartmesh_peer_probe_failures_total", labels)
            )
        }
        cluster.processes[2].suspend()
        try await eventually(within: .seconds(30), "it has failed") { try await counts().failures >= 3 }
        cluster.processes[2].resume()
        var last = try await counts()
        try await eventually(within: .seconds(20), "it is well again") {
            let now = try await counts()
            // What was under way may still fail: then it is counted from there.
            if now.failures > last.failures { last = now }
            return now.probes >= last.probes + 8
        }
        let state = "heartmesh_peers"
        let uid = try cluster.change("node-00002", uid: "00000000-0000-0000-0000-00000000000a")
        try await eventually(within: .seconds(20), "the pod with another UID is probed") {
            try await counts().probes >= last.probes + 8
        }
        #expect(try await counts().failures == last.failures)
        #expect(try await cluster.scrape().value(state, ["state": "active"]) == 2)

        last = try await counts()
        let elsewhere = LoopbackHosts.next(1)[0]
        try cluster.api.change { try $0.setAddress(elsewhere, ofNode: "node-00002") }
        _ = try cluster.change("node-00002", uid: uid)
        try await eventually(within: .seconds(20), "the pod at another address warms up") {
            let scrape = try await cluster.scrape()
            return try scrape.value(state, ["state": "warming"]) == 1
                && scrape.value("heartmesh_excluded_failures_total", ["state": "warming"]) ?? 0 >= 8
        }
        #expect(try await counts().failures == last.failures)
        #expect(try await counts().probes >= last.probes)

        last = try await counts()
        try cluster.api.change { try $0.setAddress(cluster.hosts[2], ofNode: "node-00002") }
        try await eventually(within: .seconds(20), "back where it was it counts on") {
            try await counts().probes >= last.probes + 8
        }
        #expect(try await counts().failures == last.failures)
    }

    /// Whatever is held when an exporter ends counts: nothing is lost.
    @Test func whatIsHeldAtTheEndIsLogged() async throws {
        let cluster = try await Cluster(interval: "1h")
        try await cluster.waitForHealth()
        let looks = cluster.api.exchanges.count
        cluster.processes[2].kill()
        try await eventually(within: .seconds(20), "the API is asked") { cluster.api.exchanges.count > looks }
        cluster.processes[0].interrupt()
        cluster.processes[1].interrupt()
        for index in 0..<2 {
            #expect(try await cluster.processes[index].waitForExit(within: .seconds(20)) == .code(0))
        }
        #expect(
            cluster.processes[0].errorText.contains("counted=true")
                || cluster.processes[1].errorText.contains("counted=true"))
    }
}
