import Support
import Testing

extension Lab {
    /// A cluster without a fault.
    @Suite(.serialized, .cluster(channels: "pod: {interval: 100ms, timeout: 1500ms, large: {mode: off}}"))
    struct QuietTests {
        /// As many probes on each path as an hour of the default interval has.
        @Test func anHourOfProbesHasNoFailure() async throws {
            try await eventually(within: .seconds(120), "each path is probed 360 times") {
                try await Cluster.current.counts().probes.values.min() ?? 0
            } until: {
                $0 >= 360
            }
            let counts = try await Cluster.current.counts()
            #expect(counts.failures.values.allSatisfy { $0 == 0 })
            #expect(counts.reasons.isEmpty)
            // Each pod probes three others, each at two addresses.
            #expect(counts.probes.keys.filter { $0.channel == "pod" }.count == 24)
        }

        @Test func theLabsOwnRequestsSucceedOnEveryPath() async throws {
            #expect(try await Cluster.current.problemsOfErrands(rounds: 10...10) == [])
        }
    }
}
