import Support
import Testing

@Suite(.serialized) struct NewPodTests {
    /// Series are keyed on nodes: a new pod at the same or at another address goes on with its predecessor's.
    @Test func aNewPodOnTheSameNodeGoesOnWithItsSeries() async throws {
        let cluster = try await KubernetesCluster()
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
}
