import Support
import Testing

extension Quiet {
    /// Nodes and their pods go, all of them on purpose.
    @Suite(.serialized) struct GoingTests {
        @Test func aThirdThatGoesAtOnceCountsNothing() async throws {
            let fleet = try Fleet(.init(podsPerNode: 1))
            try await fleet.start()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in fleet.nodes.suffix(10) { group.addTask { try await fleet.delete(node) } }
                try await group.waitForAll()
            }
            try await fleet.waitUntilPeersAreKnown()
            try await fleet.waitUntilAllAreReached()
            let ledger = try await fleet.ledger()
            #expect(ledger.failures == [])
        }

        /// A node that is shut down ends its pods by itself: the API hears of it when they have ended.
        @Test func aNodeThatIsDrainedAndShutDownCountsNothing() async throws {
            let fleet = try Fleet(.init(nodes: 10, podsPerNode: 1))
            try await fleet.start()
            let pod = await fleet.pod(of: fleet.nodes[3])
            await fleet.process(of: pod).terminate()
            try await fleet.waitForEnd(of: pod)
            // Refused, and in the API as if nothing were: only its goodbye has told.
            try await fleet.waitForProbes(4)
            await fleet.set(nil, pod)
            try await fleet.publish()
            try await fleet.waitUntilPeersAreKnown()
            let ledger = try await fleet.ledger()
            #expect(ledger.failures == [])
            #expect(ledger.excluded["draining", default: 0] > 0)
        }

        @Test func aNodeThatIsCordonedChangesNothing() async throws {
            let fleet = try Fleet(.init(nodes: 8, podsPerNode: 1, interval: "1s", hasNodes: true))
            try await fleet.start()
            let before = try await fleet.ledger()
            let cordoned = fleet.nodes[3]
            fleet.api.forgetExchanges()
            try fleet.api.cordon(cordoned)
            try await eventually(within: .seconds(60), "all exporters have read \(cordoned)") {
                let readers = fleet.api.exchanges.filter { $0.request.path == "/api/v1/nodes/\(cordoned)" }
                return Set(readers.map(\.connection)).count == 8
            }
            try await fleet.waitForProbes(4)
            let ledger = try await fleet.ledger()
            #expect(ledger.failures == [])
            #expect(ledger.excluded == before.excluded)
            for (old, new) in zip(before.pages, ledger.pages) {
                let targets = new.scrape.samples("heartmesh_targets")
                #expect(targets == old.scrape.samples("heartmesh_targets"))
                #expect(new.scrape.sum("heartmesh_targets", ["channel": "node", "state": "probed"]) == 7)
            }
        }
    }
}
