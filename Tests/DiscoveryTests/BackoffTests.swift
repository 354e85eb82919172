import Testing

@testable import Discovery

struct BackoffTests {
    private var backoff = Backoff(first: .seconds(1), limit: .seconds(60))

    private mutating func waits(_ count: Int, retryAfter: Duration = .zero, random: Double) -> [Duration] {
        (0..<count).map { _ in backoff.failed(retryAfter: retryAfter, random: random) }
    }

    @Test mutating func eachWaitIsTwiceTheLastUpToTheLimit() {
        #expect(waits(9, random: 1) == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(backoff.failures == 9)
    }

    @Test mutating func jitterTakesUpToHalfOfIt() {
        #expect(waits(8, random: 0) == [0.5, 1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
        #expect(waits(1, random: 0.5) == [.seconds(45)])
    }

    @Test mutating func aSuccessStartsAnew() {
        _ = waits(5, random: 0)
        backoff.succeeded()
        #expect(backoff.failures == 0)
        #expect(waits(2, random: 1) == [.seconds(1), .seconds(2)])
    }

    /// What the server asks for is never cut short, and exporters that were all told the same do not come back together.
    @Test mutating func whatTheServerAsksForIsWaitedInFull() {
        #expect(waits(1, retryAfter: .seconds(10), random: 0) == [.seconds(10)])
        #expect(waits(1, retryAfter: .seconds(10), random: 0.5) == [.seconds(12.5)])
    }

    @Test mutating func ownBackoffWinsWhereItIsLonger() {
        _ = waits(6, random: 0)
        #expect(waits(1, retryAfter: .seconds(1), random: 0) == [.seconds(30)])
    }

    @Test mutating func tenMinutesAreTheMost() {
        #expect(waits(1, retryAfter: .seconds(86_400), random: 0) == [.seconds(600)])
        #expect(waits(1, retryAfter: .seconds(Int64.max / 4), random: 0.999)[0] < .seconds(900))
    }

    @Test mutating func manyFailuresDoNotOverflow() {
        let last = waits(10_000, random: 1).last
        #expect(last == .seconds(60))
    }

    @Test func aLimitBelowTheFirstWaitHolds() {
        var backoff = Backoff(first: .seconds(1), limit: .milliseconds(20))
        #expect(backoff.failed(retryAfter: .zero, random: 1) == .milliseconds(20))
        #expect(backoff.failed(retryAfter: .zero, random: 0) == .milliseconds(10))
    }
}
