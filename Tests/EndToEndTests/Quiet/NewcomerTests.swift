import Support
import Testing

extension Quiet {
    /// Who answers behind a cluster IP before discovery has shown it.
    @Suite(.serialized) struct NewcomerTests {
        private static let settings = Fleet.Settings(nodes: 6, podsPerNode: 2, interval: "60s", hasService: true)

        /// At the same time, each on a fleet of its own.
        @Test func aNewNodeIsNoWrongPeerAndAStrangerIs() async throws {
            async let newcomer: Void = proveThatANewNodeIsNone()
            async let stranger: Void = proveThatAStrangerIsOne()
            _ = try await (newcomer, stranger)
        }

        /// kube-proxy hears of it as soon as it is ready, the API server says so 3 s later, and the regular look for the
        /// peers would come after a minute.
        private func proveThatANewNodeIsNone() async throws {
            let fleet = try Fleet(Self.settings)
            try await fleet.start(areActive: false)
            let before = try await fleet.ledger()
            let newcomer = await fleet.create("node-00060")
            try await fleet.run(newcomer)
            try await fleet.waitUntilItAnswers(newcomer)
            await fleet.set(.ready, newcomer)
            await fleet.tellProxy()
            // How late the API is: the fault itself.
            try await Task.sleep(for: .seconds(3))
            try await fleet.publish()
            try await fleet.waitUntilPeersAreKnown()
            try await fleet.waitUntilAllAreReached()
            let ledger = try await fleet.ledger()
            #expect(ledger.failures == [])
            #expect(ledger.excluded["warming", default: 0] > before.excluded["warming", default: 0])
        }

        /// An exporter of this mesh that discovery never shows.
        private func proveThatAStrangerIsOne() async throws {
            let fleet = try Fleet(Self.settings)
            try await fleet.start(areActive: false)
            let stranger = await fleet.create("node-00061")
            try await fleet.run(stranger)
            try await fleet.waitUntilItAnswers(stranger)
            await fleet.set(.ready, stranger)
            await fleet.tellProxy()
            let watchers = await fleet.runningPods.filter { $0 != stranger }
            try await fleet.eachShows("the stranger is a wrong peer", by: watchers) {
                let labels = ["channel": "cluster_ip", "reason": "wrong_peer"]
                return $0.scrape.sum("heartmesh_probe_failure_reasons_total", labels) > 0
            }
        }
    }
}
