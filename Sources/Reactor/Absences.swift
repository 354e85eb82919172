/// When the loop was away for more than a moment: stopped, without a CPU, or busy with one turn. Pure.
package struct Absences {
    /// What is not longer is everyday life, and changes no verdict on a probe.
    package static let threshold = Duration.milliseconds(50)
    /// That are told apart, 16 bytes each: those of 12 s at least.
    static let limit = 256

    /// Of a span of time, the part in which the loop was away.
    package struct Sum: Equatable, Sendable {
        package var total: Duration
        /// The longest time without a break.
        package var longest: Duration

        package init(total: Duration = .zero, longest: Duration = .zero) {
            self.total = total
            self.longest = longest
        }

        package var isEmpty: Bool { total == .zero }
    }

    private struct Absence {
        var start: Instant
        let end: Instant
    }

    /// One after the other; they do not overlap.
    private var absences: [Absence] = []

    package init() {}

    var count: Int { absences.count }

    /// Notes a time in which the loop was away, unless it was no more than a moment. Not before those that were noted.
    ///
    /// - Returns: Whether it was more.
    @discardableResult
    package mutating func add(from start: Instant, to end: Instant) -> Bool {
        guard end - start > Absences.threshold else { return false }
        if absences.count == Absences.limit {
            // The two oldest become one, with what lies between: an old probe is given too much, and never too little.
            absences[1].start = absences[0].start
            absences.removeFirst()
        }
        absences.append(Absence(start: start, end: end))
        return true
    }

    /// Whether there was any since then, or one that went on then.
    package func isAny(since start: Instant) -> Bool {
        absences.last.map { $0.end > start } ?? false
    }

    /// Of the time since then.
    package func sum(since start: Instant) -> Sum {
        var sum = Sum()
        for absence in absences.reversed() {
            if absence.end <= start { break }
            let length = absence.end - max(absence.start, start)
            sum.total += length
            sum.longest = max(sum.longest, length)
        }
        return sum
    }
}
