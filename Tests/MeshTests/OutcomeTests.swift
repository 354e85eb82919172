import Mesh
import Testing

struct OutcomeTests {
    /// The design's closed set, spelled as labels. Alerts and dashboards depend on it.
    @Test func reasons() {
        #expect(
            Reason.allCases.map(\.rawValue) == [
                "resolve", "refused", "timeout", "reset", "unreachable", "tls", "protocol", "status", "body",
                "wrong_peer", "rcode", "no_answer", "permission", "local",
            ])
    }

    @Test func outcomesAreEqualByValue() {
        #expect(Outcome.success(latency: 5) == .success(latency: 5))
        #expect(Outcome.success(latency: 5) != .success(latency: 6))
        #expect(Outcome.failure(.timeout) != .failure(.refused))
    }
}
