import Support
import Testing

extension Quiet {
    /// What is broken is told, for as long as it is.
    @Suite(.serialized) struct DeadNodeTests {
        /// Its kernel takes connections, and nobody answers. The API says after a time that it is NotReady: 40 s with the
        /// defaults of a real cluster.
        @Test func aDeadNodeFailsForAllItsWatchersUntilItIsBack() async throws {
            let fleet = try Fleet(.init(nodes: 10, podsPerNode: 1, pace: "{interval: 1s, timeout: 3s}"))
            try await fleet.start()
            let victim = await fleet.pod(of: fleet.nodes[4])
            let before = try await fleet.ledger()
            #expect(before.failures == [])
            let watchers = await fleet.runningPods.filter { $0 != victim }
            let process = await fleet.process(of: victim)
            process.suspend()
            async let notReady: Void = {
                // How long the control plane takes to notice: a part of the fault, and nothing is waited for.
                try await Task.sleep(for: .seconds(4))
                await fleet.set(.unready, victim)
                try await fleet.publish()
            }()
            // An interval, the timeout, and the second look, 6 s and up to two for the answer: 12 s; the rest is for
            // slow machines.
            try await fleet.waitForFailures(of: victim.node, more: 1, than: before, by: watchers, within: .seconds(25))
            try await notReady
            try await fleet.eachShows("\(victim.node) is NotReady", by: watchers) {
                $0.scrape.sum("heartmesh_peers", ["state": "not_ready"]) == 1
            }
            let known = try await fleet.ledger(of: watchers)
            try await fleet.waitForFailures(
                of: victim.node, more: 10, than: known, by: watchers, within: .seconds(60))
            let during = try await fleet.ledger(of: watchers)
            for page in during.pages {
                #expect(page.excluded == before[page.pod]?.excluded)
                for node in fleet.nodes where node != victim.node { #expect(page.failures(of: node) == 0) }
            }

            process.resume()
            await fleet.set(.ready, victim)
            try await fleet.publish()
            try await fleet.waitUntilAllAreReached()
            let healed = try await fleet.ledger(of: watchers)
            try await fleet.waitForProbes(5)
            for page in try await fleet.ledger(of: watchers).pages {
                #expect(page.failures(of: victim.node) == healed[page.pod]?.failures(of: victim.node))
            }
        }

        /// Nobody can say whether the peer is gone: then it counts, and at once.
        @Test func aPeerThatDiesWhileTheAPIServerIsAwayIsCounted() async throws {
            let fleet = try Fleet(.init(nodes: 5, podsPerNode: 1, interval: "2s"))
            try await fleet.start()
            let start = try await fleet.ledger()
            fleet.api.refuse()
            try await fleet.waitForDiscoveryFailures("refused", than: start)
            let victim = await fleet.pod(of: fleet.nodes[2])
            await fleet.process(of: victim).kill()
            try await fleet.waitForEnd(of: victim)
            let before = try await fleet.ledger()
            let watchers = await fleet.runningPods
            try await fleet.waitForFailures(
                of: victim.node, more: 2, than: before, by: watchers, within: .seconds(20))
        }
    }
}
