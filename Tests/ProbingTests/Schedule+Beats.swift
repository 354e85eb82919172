import Probing
import Reactor

extension Schedule {
    /// What a loop that is never late sees: each beat at its time.
    mutating func beats(from start: Instant, for duration: Duration) -> [(slot: Int, time: Instant)] {
        var beats: [(slot: Int, time: Instant)] = []
        while nextDue < start + duration {
            let time = nextDue
            guard let beat = next(at: time) else { preconditionFailure("what is due is given") }
            beats.append((beat.slot, time))
        }
        return beats
    }
}
