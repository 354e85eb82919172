import Support
import Testing

/// Before the first failure of a peer that was well counts, the API is asked.
@Suite(.serialized) struct ConfirmingTests {
    /// The API may be seconds late: it is asked a second time.
    @Test func aPeerThatIsGoneAtTheSecondLookIsExcluded() async throws {
        let cluster = try await KubernetesCluster(interval: "1h")
        try await cluster.waitForHealth()
        let looks = cluster.looks
        cluster.processes[2].kill()
        try await eventually(within: .seconds(20), "both have asked the API, and it knew nothing") {
            cluster.looks >= looks + 2
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
        let cluster = try await KubernetesCluster(interval: "1h")
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
        let cluster = try await KubernetesCluster()
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

    /// A Service sends probes to a newcomer before discovery has shown it.
    @Test(arguments: [true, false]) func aStrangerThatBecomesAPeerIsNoFailure(isShown: Bool) async throws {
        let cluster = try await KubernetesCluster()
        try await cluster.waitForHealth()
        let whole = try #require(cluster.api.endpointSlices)
        try cluster.api.change { try $0.removeEndpoints(ofNode: "node-00002") }
        try await eventually(within: .seconds(20), "node-00002 is forgotten") {
            try await cluster.scrape().sum("heartmesh_peers") == 1
        }
        let labels = ["channel": "cluster_ip"]
        let start = ContinuousClock.now
        try cluster.serveClusterIP()
        try await eventually(within: .seconds(20), "it answers for the Service, and nobody knows it") {
            try await cluster.targets()
        } until: {
            $0.contains(#""last_outcome":"wrong_peer""#)
        }
        #expect(try await cluster.scrape().sum("heartmesh_probe_failures_total", labels) == 0)
        if isShown { try cluster.api.change { $0 = whole } }
        let after = try await eventually(within: .seconds(30), "it is decided") {
            try await cluster.scrape()
        } until: { scrape in
            let excluded = try scrape.value("heartmesh_excluded_failures_total", ["state": "warming"]) ?? 0
            return isShown ? excluded >= 1 : scrape.sum("heartmesh_probe_failures_total", labels) >= 4
        }
        if isShown {
            #expect(after.sum("heartmesh_probe_failures_total") == 0)
            try await eventually(within: .seconds(20), "it answers as a peer") {
                try await cluster.scrape().sum("heartmesh_service_backend_replies_total", labels) >= 2
            }
        } else {
            #expect(ContinuousClock.now - start >= .seconds(6))
            #expect(after.sum("heartmesh_excluded_failures_total") == 0)
            let reasons = after.samples("heartmesh_probe_failure_reasons_total").compactMap { $0.labels["reason"] }
            #expect(reasons == ["wrong_peer"])
        }
    }

    /// Its next answer proves that it was there: there is nothing to wait for.
    @Test func aPeerThatAnswersAgainHasFailed() async throws {
        let cluster = try await KubernetesCluster(interval: "1h")
        try await cluster.waitForHealth()
        let start = ContinuousClock.now
        cluster.processes[2].suspend()
        try await eventually(within: .seconds(20), "a probe has timed out") {
            try await cluster.targets()
        } until: {
            $0.contains(#""last_outcome":"timeout""#)
        }
        #expect(try await cluster.scrape().sum("heartmesh_probe_failures_total") == 0)
        cluster.processes[2].resume()
        try await eventually(within: .seconds(20), "it counts") {
            try await cluster.scrape().sum("heartmesh_probe_failures_total") >= 1
        }
        // A probe waits for two seconds, and the second look would be six seconds later.
        #expect(ContinuousClock.now - start < .seconds(8))
    }

    /// A target that is replaced for another reason takes nothing with it.
    @Test func whatIsHeldOfATargetThatLeavesCounts() async throws {
        let cluster = try await KubernetesCluster()
        try await cluster.waitForHealth()
        let start = ContinuousClock.now
        cluster.processes[2].kill()
        try await eventually(within: .seconds(20), "a probe has failed") {
            try await cluster.targets()
        } until: {
            $0.contains(#""last_outcome":"refused""#)
        }
        try cluster.api.change { slices in
            try slices.changeEndpoints(ofNode: "node-00002") { endpoint in
                let text = String(decoding: endpoint, as: UTF8.self)
                return Array(text.replacing(#""zone":"lab-1c""#, with: #""zone":"lab-1a""#).utf8)
            }
        }
        let labels = ["target_node": "node-00002", "target_zone": "lab-1c"]
        try await eventually(within: .seconds(20), "it counts") {
            try await cluster.scrape().sum("heartmesh_peer_probe_failures_total", labels) >= 1
        }
        // Before the second look.
        #expect(ContinuousClock.now - start < .seconds(6))
    }

    /// Whatever is held when an exporter ends counts: nothing is lost.
    @Test func whatIsHeldAtTheEndIsLogged() async throws {
        let cluster = try await KubernetesCluster(interval: "1h")
        try await cluster.waitForHealth()
        cluster.processes[2].kill()
        try await eventually(within: .seconds(20), "a probe has failed") {
            try await cluster.targets()
        } until: {
            $0.contains(#""last_outcome":"refused""#)
        }
        #expect(!cluster.processes[0].errorText.contains("probe failed"))
        cluster.processes[0].interrupt()
        #expect(try await cluster.processes[0].waitForExit(within: .seconds(20)) == .code(0))
        #expect(cluster.processes[0].errorText.contains("counted=true reason=refused"))
    }
}
