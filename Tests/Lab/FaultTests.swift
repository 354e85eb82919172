import Testing

extension Lab {
    /// Each fault breaks what the table says, and nothing else, and leaves nothing behind.
    @Suite(.serialized, .cluster) struct FaultTests {
        private var cluster: Cluster { .current }

        @Test(arguments: FaultTable.rows)
        func itBreaksWhatTheTableSaysAndNothingElse(row: FaultTable.Row) async throws {
            try await cluster.during(row.fault) {
                try await cluster.settle()
                async let ownProblems = cluster.problemsOfErrands(under: row.effects)
                let counts = try await cluster.observe(probes: row.fault.isRandom ? 12 : 4)
                #expect(counts.problems(under: row.effects) == [])
                #expect(try await ownProblems == [], "by the lab's own requests")
            }
            try await cluster.settle()
            try await cluster.waitForHealth()
            try await cluster.waitForDiscovery()
        }
    }
}
