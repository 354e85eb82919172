import Support
import Testing

extension Lab {
    /// A cluster without a fault.
    @Suite(.serialized, .cluster(Probing(interval: 200))) struct QuietTests {
        private var cluster: Cluster { .current }

        /// As many probes on each path as an hour of the default interval has.
        @Test func anHourOfProbesHasNoFailure() async throws {
            try await eventually(within: .seconds(240), "each path is probed 360 times") {
                try await cluster.counts()
            } until: { counts in
                !counts.failures.values.allSatisfy { $0 == 0 } || counts.probes.values.allSatisfy { $0 >= 360 }
            }
            let counts = try await cluster.counts()
            #expect(counts.problems() == [])
            #expect(counts.reasons.isEmpty)
            let paths = try Path.all(of: Probing.allChannels, services: cluster.controlPlane.services())
            #expect(Set(counts.probes.keys) == paths)
        }

        @Test func theLabsOwnRequestsSucceedOnEveryPath() async throws {
            let problems = try await cluster.problemsOfErrands(rounds: 10...10)
            #expect(problems == [])
        }
    }
}
