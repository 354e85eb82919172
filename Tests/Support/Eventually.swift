/// Something did not come true in time.
package struct NotInTime: Error, CustomStringConvertible {
    package let what: String
    package let limit: Duration
    package let lastSeen: String

    package var description: String { "not within \(limit): \(what); last seen: \(lastSeen)" }
}

/// Looks again and again until what it sees is as expected: the one place where a test waits for time to pass.
///
/// An error thrown by `observe` counts as something seen that is not as expected: a server that starts up refuses.
///
/// - Returns: What was seen in the end.
/// - Throws: `NotInTime`, with what was seen last.
@discardableResult
package func eventually<Seen>(
    within limit: Duration, _ what: String, isolation: isolated (any Actor)? = #isolation,
    observe: () async throws -> Seen, until isExpected: (Seen) throws -> Bool
) async throws -> Seen {
    let deadline = ContinuousClock.now + limit
    // Short at first, for what is true in a moment; longer later, for what takes seconds on two cores.
    var pause = Duration.milliseconds(2)
    while true {
        // Taken before looking: the last look is at or after the deadline, however late this thread was run.
        let isLast = ContinuousClock.now >= deadline
        var lastSeen: String
        do {
            let seen = try await observe()
            if try isExpected(seen) { return seen }
            lastSeen = "\(seen)"
        } catch {
            lastSeen = "\(error)"
        }
        if isLast { throw NotInTime(what: what, limit: limit, lastSeen: lastSeen) }
        try await Task.sleep(for: min(pause, max(deadline - .now, .zero)))
        pause = min(pause * 2, .milliseconds(50))
    }
}

/// Waits for a condition that says all there is to say.
package func eventually(
    within limit: Duration, _ what: String, isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    try await eventually(within: limit, what, isolation: isolation, observe: condition, until: { $0 })
}
