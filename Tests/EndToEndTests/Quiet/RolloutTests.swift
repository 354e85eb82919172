import Support
import Testing

extension Quiet {
    /// Nothing that a rollout does is a failure of the network.
    @Suite(.serialized) struct RolloutTests {
        /// All channels that have a target here: pods by HTTP and UDP, and a cluster IP, behind which a new pod answers
        /// before anybody has heard of it.
        @Test func threeRolloutsOfThirtyCountNothing() async throws {
            let fleet = try Fleet(.init(podsPerNode: 4, hasService: true))
            try await fleet.start()
            try await fleet.waitForProbesOfService(1)
            for maxUnavailable in [1, 5, 10] {
                try await fleet.roll(maxUnavailable: maxUnavailable)
                try await fleet.waitUntilAllAreReached()
                let ledger = try await fleet.ledger()
                print("rollout, \(maxUnavailable) at a time: \(ledger.summary)")
                #expect(ledger.failures == [])
            }
            let ledger = try await fleet.ledger()
            #expect(ledger.pages.count == 120)
            #expect(await fleet.countedLines == [])
            #expect(ledger.excluded["draining", default: 0] > 0)
            #expect(ledger.excluded["warming", default: 0] > 0)
        }

        /// All of them three times over, ten at a time, without a goodbye, and the API tells the truth 5 s late.
        @Test func podsThatAreKilledAndGoneAtTheSecondLookCountNothing() async throws {
            let fleet = try Fleet(.init(podsPerNode: 4))
            try await fleet.start()
            for wave in 0..<9 {
                let nodes = fleet.nodes[(wave % 3 * 10)...].prefix(10)
                try await fleet.loseAndReplace(Array(nodes), tellingAfter: .seconds(5))
                try await fleet.waitUntilAllAreReached()
                let ledger = try await fleet.ledger()
                print("killed, wave \(wave): \(ledger.summary)")
                #expect(ledger.failures == [])
            }
            let ledger = try await fleet.ledger()
            #expect(ledger.excluded["gone", default: 0] > 0)
            #expect(await fleet.countedLines == [])
        }
    }
}
