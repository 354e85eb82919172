import Mesh
import Reactor
import Testing

@testable import Probing

/// Which failures are the exporter's own. How the loop comes to know that it was away is in EventLoopAbsenceTests.
struct LatenessTests {
    private static let timeout = Duration.seconds(4)

    private func explains(_ reason: Reason, away total: Int, longest: Int, timeout: Duration = timeout) -> Bool {
        let away = Absences.Sum(total: .milliseconds(total), longest: .milliseconds(longest))
        return Lateness.explains(reason, away, timeout: timeout)
    }

    @Test(arguments: Reason.allCases) func whoWasThereIsNotToBlame(reason: Reason) {
        #expect(!explains(reason, away: 0, longest: 0))
    }

    /// Stopped for 3 s.
    @Test func oneLongAbsenceExplainsATimeout() {
        #expect(explains(.timeout, away: 3000, longest: 3000))
        #expect(explains(.timeout, away: 3000, longest: 3000, timeout: .seconds(1)))
        // The peer had the rest of it.
        #expect(!explains(.timeout, away: 3000, longest: 3000, timeout: .seconds(10)))
        #expect(!explains(.timeout, away: 60, longest: 60))
    }

    @Test(arguments: [Reason.refused, .unreachable, .wrongPeer, .rcode, .noAnswer, .permission, .local, .resolve])
    func whatIsSaidAtOnceIsTrue(reason: Reason) {
        #expect(!explains(reason, away: 3000, longest: 3000))
    }

    @Test(arguments: [Reason.reset, .tls, .protocol, .status, .body])
    func whoeverSaysNothingIsGivenUp(reason: Reason) {
        #expect(explains(reason, away: 60, longest: 60))
    }

    /// A loop that is away again and again, and a peer that is dead: does the time-out count?
    ///
    /// - Parameters:
    ///   - absence: How long each time, and `period`: from one to the next, in milliseconds.
    private func countsADeadPeer(absence: Int64, period: Int64) -> Bool {
        var absences = Absences()
        for start in stride(from: 0, to: 60_000, by: Int(period)) {
            let start = Instant(nanoseconds: Int64(start) * 1_000_000)
            absences.add(from: start, to: start + .milliseconds(absence))
        }
        let start = Instant(nanoseconds: 60_000_000_000 - Self.timeout.nanoseconds)
        return !Lateness.explains(.timeout, absences.sum(since: start), timeout: Self.timeout)
    }

    @Test(arguments: [
        (100, 1000), (300, 1000), (60, 120), (400, 1000),
        // 2 % of a CPU, as the kernel gives it: 2 ms in each 100 ms. A well peer's probe waits for some of these.
        (98, 100),
    ])
    func aDeadPeerIsSeenThroughModerateLoad(absence: Int64, period: Int64) {
        #expect(countsADeadPeer(absence: absence, period: period))
    }

    @Test(arguments: [(3000, 3200), (900, 1000), (2500, 4000)])
    func littleIsLeftOfTheTimeout(absence: Int64, period: Int64) {
        #expect(!countsADeadPeer(absence: absence, period: period))
    }
}
