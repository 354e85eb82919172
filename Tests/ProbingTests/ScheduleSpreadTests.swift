import Probing
import Reactor
import Support
import Testing

/// No bursts: the burst itself loses packets (traps, 21).
struct ScheduleSpreadTests {
    private let interval = Duration.seconds(10)

    @Test(arguments: [1, 2, 10, 31, 62, 100, 1000, 5000])
    func noTenthHasMoreThanTwiceTheMean(count: Int) {
        for seed in 0..<UInt64(count > 500 ? 2 : 20) {
            var random = SeededGenerator(seed: seed)
            var schedule = Schedule(seed: random.next())
            var slots = Set((0..<count).map { _ in schedule.add(interval: interval, at: Instant(nanoseconds: 0)) })
            expectNoBurst(&schedule, turn: 0)
            // Peers leave, then others come: some, then as many as there were.
            for slot in slots.sorted().shuffled(using: &random).prefix(count / 3) {
                schedule.remove(slot)
                slots.remove(slot)
            }
            expectNoBurst(&schedule, turn: 1)
            for (turn, comers) in [(2, count / 6), (3, count / 3)] {
                let now = Instant(nanoseconds: 0) + interval * turn
                for _ in 0..<comers { slots.insert(schedule.add(interval: interval, at: now)) }
                expectNoBurst(&schedule, turn: turn)
            }
            #expect(schedule.count == slots.count)
        }
    }

    @Test func everyNumberOfSlotsIsSpread() {
        var schedule = Schedule(seed: 0x1234_5678_9abc_def0)
        for turn in 0..<250 {
            _ = schedule.add(interval: interval, at: Instant(nanoseconds: 0) + interval * turn)
            expectNoBurst(&schedule, turn: turn)
        }
    }

    /// The pod channel's targets at one interval and others at another do not meet in bursts either.
    @Test func slotsOfTwoIntervalsAreSpread() {
        for (count, others) in [(31, 31), (62, 20), (20, 62)] {
            var schedule = Schedule(seed: 11)
            for _ in 0..<count { _ = schedule.add(interval: interval, at: Instant(nanoseconds: 0)) }
            for _ in 0..<others { _ = schedule.add(interval: interval * 3, at: Instant(nanoseconds: 0)) }
            let times = schedule.beats(from: Instant(nanoseconds: 0), for: interval * 6).map(\.time)
            // In ten seconds: all of the first and a third of the others.
            let mean = (Double(count) + Double(others) / 3) / 10
            #expect(mostBeats(of: times, within: interval / 10) <= Int(2 * mean))
        }
    }

    /// No tenth of an interval, wherever it starts, has more than twice the mean, or more than two.
    private func expectNoBurst(_ schedule: inout Schedule, turn: Int) {
        let times = schedule.beats(from: Instant(nanoseconds: 0) + interval * turn, for: interval).map(\.time)
        // The same again in the next interval: a tenth may reach over its start.
        let most = mostBeats(of: times + times.map { $0 + interval }, within: interval / 10)
        let limit = max(2, 2 * schedule.count / 10)
        #expect(most <= limit, "of \(schedule.count) slots")
    }

    @Test func theModelCounts() {
        let times = [0, 1, 2, 10, 11, 12, 13, 30].map { Instant(nanoseconds: $0) }
        #expect(mostBeats(of: times, within: .nanoseconds(1)) == 1)
        #expect(mostBeats(of: times, within: .nanoseconds(3)) == 3)
        #expect(mostBeats(of: times, within: .nanoseconds(4)) == 4)
        #expect(mostBeats(of: times, within: .nanoseconds(31)) == 8)
    }
}

/// - Parameter times: In order.
private func mostBeats(of times: [Instant], within window: Duration) -> Int {
    var most = 0
    var first = 0
    for (index, time) in times.enumerated() {
        while times[first] + window <= time { first += 1 }
        most = max(most, index - first + 1)
    }
    return most
}
