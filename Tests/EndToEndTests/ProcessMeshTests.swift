import Support
import Testing

/// Six exporters probe each other, and one of them breaks in every way that a process can.
@Suite(.serialized) struct ProcessMeshTests {
    @Test func countersRiseInAllOfThem() async throws {
        let mesh = try await ProcessMesh()
        for source in mesh.nodes {
            for target in mesh.others(than: source.name) {
                try await eventually(within: .seconds(10), "\(source.name) probes \(target.name)") {
                    try await mesh.view(of: target.name, from: source.name).probes >= 3
                }
            }
            let scrape = try await mesh.scrape(source.name)
            #expect(try scrape.value("heartmesh_peers", ["state": "active"]) == 5)
            // Each over http and udp.
            #expect(try scrape.value("heartmesh_targets", ["channel": "pod", "state": "probed"]) == 10)
            #expect(scrape.sum("heartmesh_probes_total", ["protocol": "udp"]) >= 10)
            #expect(scrape.sum("heartmesh_responder_requests_total", ["protocol": "http", "ip_family": "ipv4"]) >= 10)
            #expect(scrape.sum("heartmesh_responder_requests_total", ["protocol": "udp", "ip_family": "ipv4"]) >= 10)
            #expect(scrape.sum("heartmesh_probe_duration_seconds_count") >= 15)
            #expect(scrape.sum("heartmesh_scheduler_lag_seconds_count") >= 15)
            // Not one that is born at 1: the failures stand there at 0 from the first day.
            #expect(scrape.samples("heartmesh_peer_probe_failures_total").count == 5)
            #expect(Set(scrape.samples("heartmesh_probe_failures_total").map { $0.labels["target_zone"] }).count == 3)
            #expect(scrape.samples("heartmesh_probe_failure_reasons_total").isEmpty)
        }
        #expect(try await mesh.failedTargets() == [])
    }

    @Test func aStoppedNodeTimesOutAndNoOtherDoes() async throws {
        let mesh = try await ProcessMesh()
        mesh.processes["node-c"]?.suspend()
        for source in mesh.others(than: "node-c") {
            try await eventually(within: .seconds(20), "\(source.name) counts timeouts of node-c") {
                let scrape = try await mesh.scrape(source.name)
                return scrape.sum("heartmesh_peer_probe_failures_total", ["target_node": "node-c"]) >= 3
            }
            let scrape = try await mesh.scrape(source.name)
            let reasons = scrape.samples("heartmesh_probe_failure_reasons_total").map { $0.labels["reason"] }
            #expect(Set(reasons) == ["timeout"])
            let failed = scrape.samples("heartmesh_peer_probe_failures_total").filter { $0.value > 0 }
            #expect(failed.map { $0.labels["target_node"] } == ["node-c"])
            // Latency is taken of successes alone, and on a busy machine not of all.
            let durations = scrape.sum("heartmesh_probe_duration_seconds_count")
            let small = ["payload": "small"]
            let successes =
                scrape.sum("heartmesh_probes_total", small) - scrape.sum("heartmesh_probe_failures_total", small)
            #expect(durations > 0 && durations <= successes)
        }
        mesh.processes["node-c"]?.resume()
        try await mesh.waitForHealth(of: "node-c")
        for source in mesh.others(than: "node-c") {
            let samples = try await mesh.scrape(source.name).samples("heartmesh_peer_probe_failures_total")
            #expect(samples.filter { $0.value > 0 }.map { $0.labels["target_node"] } == ["node-c"])
        }
    }

    @Test func whatAnswersOnAKilledNodesAddressTellsTheReason() async throws {
        let mesh = try await ProcessMesh()
        let victim = mesh.node("node-d")
        mesh.processes["node-d"]?.kill()
        try await mesh.waitForFailures(of: "node-d", reason: "refused")

        let stranger = try StubServer(
            host: victim.host, port: mesh.responderPort.port,
            answer: StubServer.response(body: "I am another program.\n"))
        try await mesh.waitForFailures(of: "node-d", reason: "wrong_peer")
        stranger.stop()

        let namesake = try StubServer(
            host: victim.host, port: mesh.responderPort.port,
            answer: StubServer.response(headers: ["Heartmesh": "mesh=test; node=node-e; zone=z3; uid=; state=active"]))
        try await mesh.waitForFailures(of: "node-d", reason: "wrong_peer")
        namesake.stop()

        let broken = try StubServer(
            host: victim.host, port: mesh.responderPort.port,
            answer: StubServer.response(status: 503, reason: "Service Unavailable"))
        try await mesh.waitForFailures(of: "node-d", reason: "status")
        broken.stop()

        try mesh.start("node-d")
        try await mesh.waitUntilReady("node-d")
        try await mesh.waitForHealth(of: "node-d")
        #expect(try await mesh.failedTargets() == ["node-d"])
    }

    @Test func aNodeThatLeavesTheDocumentLeavesTheMetrics() async throws {
        let mesh = try await ProcessMesh(4)
        let before = try await mesh.view(of: "node-b", from: "node-a")
        try mesh.list(["node-a", "node-b", "node-c"])
        try await eventually(within: .seconds(20), "node-a forgets node-d") {
            try await mesh.scrape("node-a").samples("heartmesh_peer_probes_total", ["target_node": "node-d"]).isEmpty
        }
        let after = try await mesh.scrape("node-a")
        #expect(try after.value("heartmesh_peers", ["state": "active"]) == 2)
        #expect(after.sum("heartmesh_peer_probes_total", ["target_node": "node-b"]) >= before.probes)

        try mesh.folder.write("peers: [{node: node-a, adresses: []}]\n", "mesh.yaml")
        try await eventually(within: .seconds(20), "node-a counts the bad document") {
            try await mesh.scrape("node-a").sum(
                "heartmesh_discovery_failures_total", ["resource": "file", "reason": "invalid"]) == 1
        }
        #expect(try await mesh.scrape("node-a").value("heartmesh_peers", ["state": "active"]) == 2)
        try await mesh.processes["node-a"]?.waitForLog("did you mean \\\"addresses\\\"?")
    }

    /// What a peer counts goes on when it comes back before two scrapes have shown that it had left, and its series go
    /// after them.
    @Test func aPeerThatComesBackGoesOn() async throws {
        let mesh = try await ProcessMesh(3)
        let all = mesh.nodes.map(\.name)
        try await mesh.waitForHealth(of: "node-c")
        let before = try await mesh.view(of: "node-c", from: "node-a").probes

        /// Without a scrape. To ask for the head of the page is none.
        func waitUntilTargeted(_ isTargeted: Bool) async throws {
            try await eventually(within: .seconds(20), "node-a has read the document") {
                let head = try await HTTPGet.fetch(mesh.url("node-a", "/metrics"), method: "HEAD")
                let targets = try await HTTPGet.fetch(mesh.url("node-a", "/api/v1/targets")).text
                return head.status == 200 && targets.contains("node-c") == isTargeted
            }
        }

        try mesh.list(all.filter { $0 != "node-c" })
        try await waitUntilTargeted(false)
        #expect(try await mesh.view(of: "node-c", from: "node-a").probes >= before)
        try mesh.list(all)
        try await waitUntilTargeted(true)
        try await eventually(within: .seconds(20), "node-a goes on with node-c") {
            try await mesh.view(of: "node-c", from: "node-a").probes
        } until: {
            $0 >= before + 3
        }

        try mesh.list(all.filter { $0 != "node-c" })
        try await waitUntilTargeted(false)
        let labels = ["target_node": "node-c"]
        for isShown in [true, true, false, false] {
            let scrape = try await mesh.scrape("node-a")
            #expect(scrape.samples("heartmesh_peer_probes_total", labels).isEmpty != isShown)
            #expect(scrape.samples("heartmesh_peer_probe_failures_total", labels).isEmpty != isShown)
        }
        // Those that are left have lost nothing.
        #expect(try await mesh.view(of: "node-b", from: "node-a").probes > 0)
    }
}
