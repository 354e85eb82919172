import Support
import Testing

/// What an exporter does when it is told to end, and what its peers make of it.
@Suite(.serialized) struct GoodbyeTests {
    private static let kinds = [["protocol": "http"], ["protocol": "udp"]]

    /// Until the end it probes, answers and shows its metrics; then it ends by itself, and nobody counts a failure.
    @Test func whoSaysGoodbyeIsExcludedByItsPeers() async throws {
        let mesh = try await ProcessMesh(2, drain: "3s")
        let leaver = try #require(mesh.processes["node-b"])
        #expect(try await HTTPGet.fetch(mesh.url("node-b", "/-/ready")).status == 200)
        leaver.terminate()
        try await eventually(within: .seconds(20), "node-b is unready") {
            try await HTTPGet.fetch(mesh.url("node-b", "/-/ready"))
        } until: {
            $0.status == 503 && $0.text.contains("it is shutting down")
        }
        try await eventually(within: .seconds(20), "node-a hears it") {
            try await mesh.scrape("node-a").value("heartmesh_peers", ["state": "draining"]) == 1
        }
        let responder = "http://\(mesh.node("node-b").host):\(mesh.responderPort.port)/"
        let answer = try await HTTPGet.fetch(responder)
        #expect(answer.status == 200 && answer.text.contains(#""state":"draining""#))
        #expect(answer.headers["Heartmesh"]?.hasSuffix("; state=draining") == true)
        let during = try await mesh.scrape("node-a")
        // Over both protocols.
        #expect(try during.value("heartmesh_targets", ["channel": "pod", "state": "excluded"]) == 2)
        let own = try await mesh.scrape("node-b").sum("heartmesh_probes_total")
        try await eventually(within: .seconds(20), "node-b goes on probing") {
            try await mesh.scrape("node-b").sum("heartmesh_probes_total") > own
        }
        #expect(leaver.exit == nil)
        #expect(try await leaver.waitForExit(within: .seconds(20)) == .code(0))
        #expect(leaver.errorText.contains("stopping") && leaver.errorText.hasSuffix("msg=stopped\n"))
        try await eventually(within: .seconds(20), "what fails now is excluded") {
            try await mesh.scrape("node-a").value("heartmesh_excluded_failures_total", ["state": "draining"]) ?? 0 >= 4
        }
        let after = try await mesh.scrape("node-a")
        // Its answers while it was draining are successes as all others.
        for kind in Self.kinds {
            #expect(after.sum("heartmesh_probes_total", kind) > during.sum("heartmesh_probes_total", kind))
        }
        #expect(after.sum("heartmesh_probe_failures_total") == 0)
        #expect(after.sum("heartmesh_tcp_retransmits_total") == 0)

        try mesh.start("node-b")
        try await eventually(within: .seconds(20), "it answers as active again") {
            try await mesh.scrape("node-a").value("heartmesh_peers", ["state": "active"]) == 1
        }
        mesh.processes["node-b"]?.kill()
        // Somebody who said nothing has failed, and there is no API to ask.
        try await mesh.waitForFailures(of: "node-b", reason: "refused")
    }

    @Test(arguments: ["TERM", "INT"]) func aSecondSignalEndsItAtOnce(second: String) async throws {
        let mesh = try await ProcessMesh(2, drain: "10m")
        let leaver = try #require(mesh.processes["node-b"])
        leaver.terminate()
        try await leaver.waitForLog("drain=600.0s")
        if second == "TERM" { leaver.terminate() } else { leaver.interrupt() }
        #expect(try await leaver.waitForExit(within: .seconds(20)) == .code(0))
        #expect(leaver.errorText.hasSuffix("msg=stopped\n"))
    }

    /// A person at a terminal waits for nothing.
    @Test func anInterruptEndsItAtOnce() async throws {
        let mesh = try await ProcessMesh(2, drain: "10m")
        mesh.processes["node-b"]?.interrupt()
        #expect(try await mesh.processes["node-b"]?.waitForExit(within: .seconds(20)) == .code(0))
    }

    /// Traps, 17.
    @Test func aNewcomerThatDoesNotAnswerYetIsExcluded() async throws {
        let mesh = try await ProcessMesh(3)
        mesh.processes["node-c"]?.kill()
        try mesh.list(["node-a", "node-b"])
        try await eventually(within: .seconds(20), "node-a forgets node-c") {
            try await mesh.scrape("node-a").sum("heartmesh_peers") == 1
        }
        try mesh.list(["node-a", "node-b", "node-c"])
        try await eventually(within: .seconds(20), "its failures are excluded") {
            try await mesh.scrape("node-a").value("heartmesh_excluded_failures_total", ["state": "warming"]) ?? 0 >= 4
        }
        let during = try await mesh.scrape("node-a")
        #expect(try during.value("heartmesh_peers", ["state": "warming"]) == 1)
        #expect(during.sum("heartmesh_peer_probe_failures_total", ["target_node": "node-c"]) == 0)
        try mesh.start("node-c")
        try await eventually(within: .seconds(20), "it has answered") {
            try await mesh.scrape("node-a").value("heartmesh_peers", ["state": "active"]) == 2
        }
    }
}
