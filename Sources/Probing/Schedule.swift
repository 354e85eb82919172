package import Reactor

/// When each slot is due: every slot on a timer of its own, spread evenly over its interval. Pure: the clock's value is
/// given.
///
/// Slots are small numbers, used again after `remove`, so that what belongs to them lies in flat arrays.
package struct Schedule {
    private struct Timer {
        /// Nanoseconds; 0: the slot is free.
        var interval: Int64 = 0
        /// Where in its interval the slot is due, in nanoseconds from 0 up to the interval.
        var phase: Int64 = 0
        /// The slot's number among those of the same interval.
        var place = 0
    }

    /// The fraction of √2 as parts of 2⁶⁴.
    private static let step: UInt64 = 0x6a09_e667_f3bc_c908

    /// Where this exporter starts to spread, so that the exporters of a mesh are not in step with each other.
    private let offset: UInt64
    private var timers: [Timer] = []
    private var freeSlots: [Int] = []
    /// For each interval, which places are taken.
    private var places: [Int64: [Bool]] = [:]
    /// When each slot is due.
    private var queue = Deadlines()

    /// - Parameter seed: A hash of the node's name.
    package init(seed: UInt64) {
        offset = seed
    }

    package var nextDue: Instant { queue.first?.deadline ?? .never }

    package var count: Int { queue.count }

    /// Adds a slot, first due within one interval from now.
    ///
    /// The phase is the n-th of the sequence offset + n·√2 (mod 1), n being the lowest number that is free among the slots
    /// of the same interval. Its values are further apart than hashes of names are: 62 hashed phases have 13 in some
    /// tenth of the interval, these have 7. For any number of slots no tenth has more than twice the mean (or two); with
    /// the golden ratio, which is the usual choice, 14 slots have three.
    package mutating func add(interval: Duration, at now: Instant) -> Int {
        let slot = freeSlots.popLast() ?? timers.count
        if slot == timers.count { timers.append(Timer()) }
        setTimer(of: slot, interval, at: now)
        return slot
    }

    /// Gives a slot another interval, and with it another phase: it is due within one of the new intervals from now.
    package mutating func change(_ slot: Int, to interval: Duration, at now: Instant) {
        giveBackPlace(of: slot)
        setTimer(of: slot, interval, at: now)
    }

    package mutating func remove(_ slot: Int) {
        giveBackPlace(of: slot)
        freeSlots.append(slot)
        queue.remove(slot)
    }

    private mutating func setTimer(of slot: Int, _ interval: Duration, at now: Instant) {
        let nanoseconds = max(interval.nanoseconds, 1)
        let place = places[nanoseconds, default: []].firstIndex(of: false) ?? places[nanoseconds]?.count ?? 0
        if place < places[nanoseconds, default: []].count {
            places[nanoseconds]![place] = true
        } else {
            places[nanoseconds, default: []].append(true)
        }
        let fraction = offset &+ UInt64(place) &* Schedule.step
        let phase = Int64(fraction.multipliedFullWidth(by: UInt64(nanoseconds)).high)

        timers[slot] = Timer(interval: nanoseconds, phase: phase, place: place)
        queue.set(slot, to: Instant(nanoseconds: due(of: timers[slot], notBefore: now.nanoseconds)))
    }

    private mutating func giveBackPlace(of slot: Int) {
        let timer = timers[slot]
        precondition(timer.interval > 0, "the slot is in use")
        places[timer.interval]![timer.place] = false
        timers[slot].interval = 0
    }

    /// A slot that is due, its next time already set.
    package struct Beat: Equatable {
        package let slot: Int
        /// How late it is.
        package let lag: Duration
        /// Beats between this one and now that will not be made up for: the loop was away for too long.
        package let missed: Int
    }

    /// Takes the next slot that is due at `now`; nil when none is.
    package mutating func next(at now: Instant) -> Beat? {
        guard let (slot, due) = queue.first, due <= now else { return nil }
        let interval = timers[slot].interval
        let lag = now.nanoseconds - due.nanoseconds
        let missed = lag / interval
        queue.set(slot, to: Instant(nanoseconds: due.nanoseconds + (missed + 1) * interval))
        return Beat(slot: slot, lag: .nanoseconds(lag), missed: Int(missed))
    }

    /// The first time from `start` on whose remainder by the interval is the phase.
    private func due(of timer: Timer, notBefore start: Int64) -> Int64 {
        let remainder = ((start - timer.phase) % timer.interval + timer.interval) % timer.interval
        return remainder == 0 ? start : start + timer.interval - remainder
    }
}
