internal import Reactor

/// Those who wait for a look that began after they had asked, and how many looks may be begun for them. Pure.
struct Confirmations {
    private struct Waiter {
        /// The number of the first look that began after the question.
        let look: Int
        let deadline: Instant
        let done: (Bool) -> Void
    }

    /// How long one waits.
    private let patience: Duration
    /// In any minute.
    private let limit: Int
    private var waiters: [Waiter] = []
    /// Looks that have begun so far.
    private var looks = 0
    /// When looks were asked for that nobody had asked for yet; the last ones, at most as many as the limit.
    private var asked: [Instant] = []

    init(patience: Duration, perMinute limit: Int) {
        self.patience = patience
        self.limit = limit
    }

    /// When the next one has waited long enough; `never` without any.
    var deadline: Instant { waiters.map(\.deadline).min() ?? .never }

    /// Whether one waits for a look that has not begun.
    var wantsLook: Bool { waiters.contains { $0.look == looks + 1 } }

    /// - Parameter isPossible: Whether a look can be begun for it. If it can't, or if that would be one too many, its time
    ///   is over at once.
    mutating func add(_ done: @escaping (Bool) -> Void, at now: Instant, isPossible: Bool) {
        if isPossible, wantsLook || isAllowed(at: now) {
            waiters.append(Waiter(look: looks + 1, deadline: now + patience, done: done))
        } else {
            waiters.append(Waiter(look: .max, deadline: now, done: done))
        }
    }

    private mutating func isAllowed(at now: Instant) -> Bool {
        asked.removeAll { $0 + .seconds(60) <= now }
        if asked.count >= limit { return false }
        asked.append(now)
        return true
    }

    /// A look begins.
    mutating func begin() {
        looks += 1
    }

    /// Those for whom the look that has come to its end is the one.
    mutating func takeAnswered() -> [(Bool) -> Void] {
        take { [looks] in $0.look <= looks }
    }

    mutating func takeOverdue(at now: Instant) -> [(Bool) -> Void] {
        take { $0.deadline <= now }
    }

    mutating func takeAll() -> [(Bool) -> Void] {
        take { _ in true }
    }

    private mutating func take(_ isMeant: (Waiter) -> Bool) -> [(Bool) -> Void] {
        let taken = waiters.filter(isMeant).map(\.done)
        waiters.removeAll(where: isMeant)
        return taken
    }
}
