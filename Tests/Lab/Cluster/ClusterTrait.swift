import Glibc
import Testing

/// Gives a suite one cluster for all of its tests, and removes it whatever comes of them.
struct ClusterTrait: SuiteTrait, TestScoping {
    var channels = "pod: {interval: 300ms, timeout: 1500ms, large: {mode: off}}"

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        let cluster = try await Cluster(channels: channels)
        defer { cluster.remove() }
        try await Cluster.$shared.withValue(cluster, operation: body)
    }
}

extension Trait where Self == ClusterTrait {
    static var cluster: ClusterTrait { ClusterTrait() }

    static func cluster(channels: String) -> ClusterTrait { ClusterTrait(channels: channels) }
}

extension Cluster {
    @TaskLocal static var shared: Cluster?

    /// The suite's cluster.
    static var current: Cluster {
        guard let shared else { preconditionFailure("the suite lacks the trait .cluster") }
        return shared
    }
}

/// The parent of all suites that make a cluster: one at a time, so that two cores are enough.
@Suite(.serialized, .enabled(if: geteuid() == 0, "the lab needs root")) enum Lab {}
