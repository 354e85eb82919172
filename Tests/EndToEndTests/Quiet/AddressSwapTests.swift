import Support
import Testing

extension Quiet {
    /// Two peers take each other's address: each answers where the other one is expected.
    @Suite(.serialized) struct AddressSwapTests {
        /// Both ways to end at the same time, each on a fleet of its own.
        @Test func addressesThatAreSwappedCountNoWrongPeer() async throws {
            async let goodbye: Void = prove(saysGoodbye: true)
            async let kill: Void = prove(saysGoodbye: false)
            _ = try await (goodbye, kill)
        }

        private func prove(saysGoodbye: Bool) async throws {
            let fleet = try Fleet(.init(nodes: 10, podsPerNode: 1))
            try await fleet.start()
            let before = try await fleet.ledger()
            let first = await fleet.pod(of: fleet.nodes[2])
            let second = await fleet.pod(of: fleet.nodes[7])
            for pod in [first, second] {
                try await fleet.scrape(pod)
                let process = await fleet.process(of: pod)
                if saysGoodbye { process.terminate() } else { process.kill() }
            }
            for pod in [first, second] {
                try await fleet.waitForEnd(of: pod)
                await fleet.set(nil, pod)
            }
            // Unpublished: for the API the old pods are still there.
            let new = [
                await fleet.create(first.node, host: second.host), await fleet.create(second.node, host: first.host),
            ]
            for pod in new { try await fleet.run(pod) }
            // Meanwhile each answers at an address where the other one is expected.
            try await fleet.waitForProbes(3, of: fleet.nodes.filter { ![first.node, second.node].contains($0) })
            for pod in new { try await fleet.waitUntilReady(pod) }
            try await fleet.waitUntilAllAreReached()
            let ledger = try await fleet.ledger()
            #expect(ledger.failures == [], "with a goodbye: \(saysGoodbye)")
            #expect(ledger.excludedCount > before.excludedCount)
        }
    }
}
