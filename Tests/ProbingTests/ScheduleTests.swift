import Reactor
import Support
import Testing

@testable import Probing

struct ScheduleTests {
    private let interval = Duration.seconds(10)

    @Test func everySlotBeatsOnceInAnInterval() {
        for count in [1, 2, 10, 31, 100, 1000] {
            var schedule = Schedule(seed: UInt64(count))
            let start = Instant(nanoseconds: 123_456_789)
            let slots = (0..<count).map { _ in schedule.add(interval: interval, at: start) }
            #expect(slots == Array(0..<count))
            #expect(schedule.count == count)
            for turn in 0..<3 {
                let beats = schedule.beats(from: start + interval * turn, for: interval)
                #expect(beats.map(\.slot).sorted() == slots)
            }
        }
    }

    @Test func aSlotKeepsItsPhase() {
        var schedule = Schedule(seed: 5)
        var random = SeededGenerator(seed: 6)
        var now = Instant(nanoseconds: 0)
        let kept = schedule.add(interval: interval, at: now)
        let first = schedule.nextDue
        #expect(first < now + interval)
        var others: [Int] = []
        for turn in 0..<50 {
            if Bool.random(using: &random) || others.isEmpty {
                others.append(schedule.add(interval: interval, at: now))
            } else {
                schedule.remove(others.remove(at: .random(in: 0..<others.count, using: &random)))
            }
            let times = schedule.beats(from: now, for: interval).filter { $0.slot == kept }.map(\.time)
            #expect(times == [first + interval * turn])
            now = now + interval
        }
    }

    @Test func anotherIntervalOfTheSameSlot() {
        var schedule = Schedule(seed: 5)
        let start = Instant(nanoseconds: 77)
        let slots = (0..<3).map { _ in schedule.add(interval: interval, at: start) }
        let before = schedule.beats(from: start, for: interval)
        schedule.change(slots[1], to: .seconds(5), at: start + interval)
        let beats = schedule.beats(from: start + interval, for: interval)
        #expect(beats.count { $0.slot == slots[1] } == 2)
        for slot in [slots[0], slots[2]] {
            #expect(
                beats.filter { $0.slot == slot }.map(\.time)
                    == before.filter { $0.slot == slot }.map { $0.time + interval })
        }
        // The phase that it had is free for the next one.
        #expect(schedule.add(interval: interval, at: start + interval * 2) == 3)
        let again = schedule.beats(from: start + interval * 2, for: interval).filter { $0.slot == 3 }.map(\.time)
        #expect(again == before.filter { $0.slot == slots[1] }.map { $0.time + interval * 2 })
        #expect(schedule.count == 4)
    }

    /// Exporters of a mesh that start together, or run on one machine, are not in step.
    @Test func phasesDependOnTheSeed() {
        let phases = (0..<100).map { seed -> Int64 in
            var schedule = Schedule(seed: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15)
            _ = schedule.add(interval: interval, at: Instant(nanoseconds: 0))
            return schedule.nextDue.nanoseconds
        }
        #expect(Set(phases).count == 100)
        #expect(phases.max()! - phases.min()! > interval.nanoseconds / 2)
        var again = Schedule(seed: 0)
        _ = again.add(interval: interval, at: Instant(nanoseconds: 0))
        #expect(again.nextDue.nanoseconds == phases[0])
    }

    @Test func intervalsOfAllKinds() {
        var schedule = Schedule(seed: 7)
        let start = Instant(nanoseconds: 99)
        let intervals: [Duration] = [
            .milliseconds(1), .milliseconds(700), .seconds(1), .seconds(10), .nanoseconds(1_000_003),
        ]
        var slots: [Int: Duration] = [:]
        for interval in intervals + intervals { slots[schedule.add(interval: interval, at: start)] = interval }
        let beats = schedule.beats(from: start, for: .seconds(10))
        for (slot, interval) in slots {
            let times = beats.filter { $0.slot == slot }.map(\.time)
            #expect(times.first.map { $0 - start < interval } == true)
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == interval })
            #expect((start + .seconds(10)) - times.last! <= interval)
        }
    }

    /// The loop was away for ten intervals: one beat for each slot now, the rest are counted, the phase stays.
    @Test func aJumpOfTheClock() {
        var schedule = Schedule(seed: 0x8765_4321_0fed_cba9)
        let start = Instant(nanoseconds: 0)
        for _ in 0..<40 { _ = schedule.add(interval: interval, at: start) }
        let phases = schedule.beats(from: start, for: interval)
        let late = start + interval * 11
        var beats: [Schedule.Beat] = []
        while let beat = schedule.next(at: late) { beats.append(beat) }
        #expect(beats.map(\.slot).sorted() == Array(0..<40))
        for beat in beats {
            let due = phases.first { $0.slot == beat.slot }!.time + interval
            #expect(beat.lag == late - due)
            #expect(beat.missed == 9)
        }
        let after = schedule.beats(from: late, for: interval)
        #expect(after.map(\.slot) == phases.map(\.slot))
        #expect(zip(after, phases).allSatisfy { $0.time - $1.time == interval * 11 })
    }

    @Test func lagIsWhatTheClockSays() {
        var schedule = Schedule(seed: 9)
        _ = schedule.add(interval: interval, at: Instant(nanoseconds: 0))
        let due = schedule.nextDue
        #expect(schedule.next(at: Instant(nanoseconds: due.nanoseconds - 1)) == nil)
        #expect(schedule.next(at: due) == Schedule.Beat(slot: 0, lag: .zero, missed: 0))
        #expect(schedule.next(at: due) == nil)
        #expect(
            schedule.next(at: due + interval + .nanoseconds(7))
                == Schedule.Beat(slot: 0, lag: .nanoseconds(7), missed: 0))
        // Due again at this very moment: that is the next beat, not a missed one.
        #expect(schedule.next(at: due + interval * 3)?.missed == 1)
        #expect(schedule.nextDue == due + interval * 4)
    }

    @Test func numbersAreUsedAgain() {
        var schedule = Schedule(seed: 10)
        let start = Instant(nanoseconds: 0)
        #expect(schedule.nextDue == .never)
        #expect(schedule.next(at: .never) == nil)
        let slots = (0..<5).map { _ in schedule.add(interval: interval, at: start) }
        let phases = schedule.beats(from: start, for: interval)
        schedule.remove(slots[3])
        schedule.remove(slots[1])
        #expect(schedule.count == 3)
        #expect(Set(schedule.beats(from: start + interval, for: interval).map(\.slot)) == [0, 2, 4])
        // The phases that became free are taken again, the numbers too.
        let again = (0..<2).map { _ in schedule.add(interval: interval, at: start + interval * 2) }
        #expect(again.sorted() == [1, 3])
        let after = schedule.beats(from: start + interval * 2, for: interval)
        #expect(after.map(\.time) == phases.map { $0.time + interval * 2 })
        for slot in 0..<5 { schedule.remove(slot) }
        #expect(schedule.count == 0)
        #expect(schedule.nextDue == .never)
    }

    /// Whatever is done, beats come in order, and each slot's keep their distance.
    @Test(arguments: UInt64(0)..<20)
    func aNaiveModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var schedule = Schedule(seed: random.next())
        var model = Model()
        var now = Instant(nanoseconds: 0)
        let intervals: [Int64] = [7000, 10_000, 10_000, 60_000]
        for _ in 0..<400 {
            let step = Int.random(in: 0..<5, using: &random)
            switch step {
            case 0, 1:
                let interval = intervals.randomElement(using: &random) ?? 1
                model.add(schedule.add(interval: .nanoseconds(interval), at: now), interval)
            case 2:
                guard let slot = model.slots.keys.sorted().randomElement(using: &random) else { continue }
                schedule.remove(slot)
                model.slots[slot] = nil
            default:
                let pause = Int64.random(in: 0...20_000, using: &random)
                now = now + .nanoseconds(pause)
            }
            model.last = .min
            while let beat = schedule.next(at: now) { model.take(beat, at: now.nanoseconds) }
            #expect(schedule.count == model.slots.count)
            #expect(schedule.nextDue > now)
            #expect(schedule.nextDue.nanoseconds <= model.earliest)
        }
    }

    private struct Model {
        /// Nil until the first beat, which tells the phase.
        var slots: [Int: (interval: Int64, next: Int64?)] = [:]
        var last = Int64.min

        var earliest: Int64 { slots.values.compactMap(\.next).min() ?? .max }

        mutating func add(_ slot: Int, _ interval: Int64) {
            #expect(slots[slot] == nil, "the number is free")
            slots[slot] = (interval, nil)
        }

        mutating func take(_ beat: Schedule.Beat, at now: Int64) {
            let time = now - beat.lag.nanoseconds
            #expect(time >= last, "in order")
            last = time
            guard let (interval, next) = slots[beat.slot] else {
                Issue.record("slot \(beat.slot) is not there")
                return
            }
            #expect(next == nil || next == time)
            let missed = (now - time) / interval
            #expect(beat.missed == Int(missed))
            slots[beat.slot]?.next = time + (missed + 1) * interval
        }
    }
}
