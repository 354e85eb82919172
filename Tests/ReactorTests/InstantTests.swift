import Reactor
import Testing

struct InstantTests {
    @Test func theClockGoesForward() {
        var last = Instant.now()
        for _ in 0..<1000 {
            let now = Instant.now()
            #expect(now >= last)
            last = now
        }
        #expect(last < .never)
    }

    @Test func sumsAndDifferences() {
        let start = Instant(nanoseconds: 5_000_000_000)
        #expect(start + .milliseconds(1500) == Instant(nanoseconds: 6_500_000_000))
        #expect(start + .zero - start == .zero)
        #expect(start + .seconds(2) - start == .seconds(2))
        #expect(start - (start + .nanoseconds(7)) == .nanoseconds(-7))
        #expect(start < start + .nanoseconds(1))
    }

    @Test func farTimesAreNever() {
        #expect(Instant.now() + .seconds(Int64.max) == .never)
        #expect(Instant.now() + .nanoseconds(Int64.max) == .never)
        #expect(Instant.never + .seconds(1) == .never)
    }

    @Test(
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(-1), -1), (.microseconds(3), 3000),
            (.seconds(4), 4_000_000_000),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
            (.seconds(9_223_372_036), 9_223_372_036_000_000_000),
            (.seconds(9_223_372_036) + .milliseconds(999), .max), (.seconds(-9_223_372_036) - .milliseconds(999), .min),
            (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
        ] as [(Duration, Int64)])
    func nanoseconds(duration: Duration, nanoseconds: Int64) {
        #expect(duration.nanoseconds == nanoseconds)
    }

    @Test(arguments: [
        (Duration.zero, 0), (.nanoseconds(1), 1), (.nanoseconds(999_999), 1), (.milliseconds(1), 1),
        (.nanoseconds(1_000_001), 2),
        (.seconds(4), 4000), (.nanoseconds(-1), 0), (.milliseconds(-2), -2), (.seconds(Int64.max), 9_223_372_036_855),
    ])
    func millisecondsAreRoundedUp(duration: Duration, milliseconds: Int) {
        #expect(duration.millisecondsRoundedUp == milliseconds)
    }

    @Test func secondsAndTheWallClock() {
        #expect(Duration.milliseconds(1250).seconds == 1.25)
        #expect(Duration.seconds(-3).seconds == -3)
        // 2024 to 2100.
        #expect((1.7e9...4.1e9).contains(wallClockSeconds()))
    }
}
