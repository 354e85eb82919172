internal import Reactor

/// When what failed is asked for again: each resource waits by itself. Pure.
struct Retries {
    /// The longest wait, unless the server asks for more.
    var limit: Duration {
        didSet { for resource in backoffs.keys { backoffs[resource]?.limit = limit } }
    }
    private var backoffs: [DiscoveryResource: Backoff] = [:]
    private var times: [DiscoveryResource: Instant] = [:]

    init(limit: Duration) {
        self.limit = limit
    }

    /// The first time at which something is to be asked for again; `never` when nothing has failed.
    var next: Instant { times.values.min() ?? .never }

    /// Whether the resource has failed and was not read since.
    func isDue(_ resource: DiscoveryResource) -> Bool { times[resource] != nil }

    func hasToWait(_ resource: DiscoveryResource, at now: Instant) -> Bool {
        times[resource].map { $0 > now } ?? false
    }

    /// Nobody wants the resource any more.
    mutating func forget(_ resource: DiscoveryResource) {
        backoffs[resource] = nil
        times[resource] = nil
    }

    mutating func succeeded(_ resource: DiscoveryResource) {
        backoffs[resource]?.succeeded()
        times[resource] = nil
    }

    /// - Parameters:
    ///   - others: What is not asked for either until then, because it would fail in the same way.
    ///   - random: From 0 up to 1.
    mutating func failed(
        _ resource: DiscoveryResource, retryAfter: Duration, others: [DiscoveryResource], at now: Instant,
        random: Double
    ) {
        let wait = backoffs[resource, default: Backoff(first: .seconds(1), limit: limit)]
            .failed(retryAfter: retryAfter, random: random)
        times[resource] = now + wait
        for other in others where other != resource { times[other] = max(times[other] ?? now, now + wait) }
    }
}
