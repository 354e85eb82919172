import Support
import Testing

extension Quiet {
    /// The API server is away, or tells nonsense, for ten of discovery's intervals and more.
    @Suite(.serialized) struct OutageTests {
        enum Outage: CaseIterable, Sendable {
            case refusing, hanging, answering500, emptyList

            /// The label of `heartmesh_discovery_failures_total`.
            var reason: String {
                switch self {
                case .refusing: "refused"
                case .hanging: "timeout"
                case .answering500: "server_error"
                case .emptyList: "shrunk"
                }
            }

            func begin(_ api: RecordedAPI) throws {
                switch self {
                case .refusing: api.refuse()
                case .hanging: api.fail(.hang)
                case .answering500: api.fail(.serverError)
                case .emptyList: try api.change { $0.removeAll() }
                }
            }
        }

        /// All of them at the same time, each on a fleet of its own.
        @Test func probingGoesOn() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for outage in Outage.allCases { group.addTask { try await proveUnchanged(outage) } }
                group.addTask { try await proveNoFailuresWithMissingPeers() }
                try await group.waitForAll()
            }
        }

        private func proveUnchanged(_ outage: Outage) async throws {
            let fleet = try Fleet(.init(nodes: 6, podsPerNode: 1, interval: "1s"))
            try await fleet.start()
            let start = try await fleet.ledger()
            let slices = try #require(fleet.api.endpointSlices)
            try outage.begin(fleet.api)
            try await fleet.waitForDiscoveryFailures(outage.reason, than: start)
            let first = try await fleet.ledger()
            // At one a second: ten intervals of discovery, at the least.
            try await fleet.waitForProbes(12)
            let last = try await fleet.ledger()
            #expect(last.failures == [], "\(outage)")
            #expect(last.excluded == start.excluded, "\(outage)")
            for (old, new) in zip(first.pages, last.pages) {
                #expect(new.scrape.sum("heartmesh_peers", ["state": "active"]) == 5, "\(outage)")
                #expect(new.lastLook == old.lastLook, "\(outage)")
            }

            try fleet.api.heal()
            // As a new version, which is what the API server gives to what is new.
            try fleet.api.change { $0 = slices }
            try await fleet.publish()
            try await fleet.waitForDiscovery(after: last)
            try await fleet.waitForProbes(3)
            let healed = try await fleet.ledger()
            #expect(healed.failures == [], "\(outage)")
            #expect(healed.excluded == start.excluded, "\(outage)")
        }

        /// An answer without most of the peers is not believed once, and believed when it comes again: nobody can tell it
        /// from a mesh that shrinks. The peers that it has are probed on.
        private func proveNoFailuresWithMissingPeers() async throws {
            let fleet = try Fleet(.init(nodes: 9, podsPerNode: 1, interval: "1s"))
            try await fleet.start()
            let start = try await fleet.ledger()
            let missing = await fleet.pods(of: fleet.nodes.suffix(5))
            for pod in missing { await fleet.set(nil, pod) }
            try await fleet.publish()
            try await fleet.waitForDiscoveryFailures("shrunk", than: start)
            try await fleet.waitForProbes(12, of: fleet.nodes.prefix(4))
            let during = try await fleet.ledger()
            #expect(during.failures == [])
            for pod in missing { await fleet.set(.ready, pod) }
            try await fleet.publish()
            try await fleet.waitUntilAllAreReached()
            let last = try await fleet.ledger()
            #expect(last.failures == [])
            #expect(last.excluded == start.excluded)
        }
    }
}
