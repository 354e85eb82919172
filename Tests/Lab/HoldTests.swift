import Foundation
import Support
import Testing

extension Lab {
    /// For a person who wants to look around: `LAB_HOLD=600 swift test --filter HoldTests`.
    @Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["LAB_HOLD"] != nil), .cluster)
    struct HoldTests {
        @Test func aClusterStandsForAWhile() async throws {
            let seconds = Int(ProcessInfo.processInfo.environment["LAB_HOLD"] ?? "") ?? 60
            print("ip netns exec \(Cluster.current.network["pod-a"]) …, for \(seconds) s")
            try await Task.sleep(for: .seconds(seconds))
        }
    }
}
