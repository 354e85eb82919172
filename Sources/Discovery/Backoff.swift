/// How long to wait after failures in a row: twice as long each time, up to a limit, with jitter, so that the
/// exporters of a mesh do not come back to a server that recovers all at once.
struct Backoff {
    private(set) var failures = 0
    private let first: Duration
    /// Of the waits; below the first one it is that one's, too.
    var limit: Duration

    init(first: Duration, limit: Duration) {
        self.first = first
        self.limit = limit
    }

    mutating func succeeded() {
        failures = 0
    }

    /// - Parameter retryAfter: What the server asked for; waited for in full, and longer by the jitter, up to ten minutes.
    /// - Parameter random: From 0 up to 1.
    mutating func failed(retryAfter: Duration, random: Double) -> Duration {
        var wait = min(first, limit)
        for _ in 0..<failures where wait < limit { wait *= 2 }
        failures += 1
        let jittered = min(wait, limit) * (0.5 + random / 2)
        return retryAfter > .zero ? max(jittered, min(retryAfter, .seconds(600)) * (1 + random / 2)) : jittered
    }
}
