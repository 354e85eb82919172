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
        }

        @Test func probingGoesOnUnchanged() async throws {
            let fleet = try Fleet(.init(nodes: 8, podsPerNode: 1, interval: "1s"))
            try await fleet.start()
            let start = try await fleet.ledger()
            let slices = try #require(fleet.api.endpointSlices)
            for outage in Outage.allCases {
                switch outage {
                case .refusing: fleet.api.refuse()
                case .hanging: fleet.api.fail(.hang)
                case .answering500: fleet.api.fail(.serverError)
                case .emptyList: try fleet.api.change { $0.removeAll() }
                }
                try await fleet.waitForDiscoveryFailures(outage.reason)
                let first = try await fleet.ledger()
                // At one a second: ten intervals of discovery, at the least.
                try await fleet.waitForProbes(12)
                let last = try await fleet.ledger()
                #expect(last.failures == [], "\(outage)")
                #expect(last.excluded == start.excluded, "\(outage)")
                for (old, new) in zip(first.pages, last.pages) {
                    #expect(new.scrape.sum("heartmesh_peers", ["state": "active"]) == 7, "\(outage)")
                    #expect(new.lastLook == old.lastLook, "\(outage)")
                }
                try fleet.api.heal()
                // As a new version, which is what the API server would give it.
                try fleet.api.change { $0 = slices }
                try await fleet.publish()
                try await fleet.waitForDiscovery(after: last)
            }
            try await fleet.waitForProbes(3)
            let ledger = try await fleet.ledger()
            #expect(ledger.failures == [])
            #expect(ledger.excluded == start.excluded)
        }

        /// One such answer is not believed, and the same one again is: nobody can tell it from a cluster that shrinks.
        @Test func peersThatAreMissingInTheAnswerAreNoFailures() async throws {
            let fleet = try Fleet(.init(nodes: 9, podsPerNode: 1, interval: "1s"))
            try await fleet.start()
            let start = try await fleet.ledger()
            let missing = await fleet.pods(of: fleet.nodes.suffix(5))
            for pod in missing { await fleet.set(nil, pod) }
            try await fleet.publish()
            try await fleet.waitForDiscoveryFailures("shrunk")
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
