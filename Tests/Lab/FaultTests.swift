import Testing

extension Lab {
    /// Each fault breaks what the table says, and nothing else, and leaves nothing behind.
    @Suite(.serialized, .cluster(Probing(podProtocols: ["http", "udp"]))) struct FaultTests {
        private var cluster: Cluster { .current }

        @Test(arguments: FaultTable.rows)
        func itBreaksWhatTheTableSaysAndNothingElse(row: FaultTable.Row) async throws {
            try await cluster.during(row.fault) {
                try await cluster.settle()
                let problems = try await cluster.problems(under: row.effects)
                #expect(problems == [])
                // Not at the same time: so many requests at once would be felt by the exporters.
                let ownProblems = try await cluster.problemsOfErrands(under: row.effects)
                #expect(ownProblems == [], "by the lab's own requests")
            }
            try await cluster.settle()
            try await cluster.waitForHealth()
            try await cluster.waitForDiscovery()
        }
    }
}
