internal import Reactor

/// A log for what may happen a thousand times a second: a few lines a minute for each key, and then how many more
/// there were.
final class SampledLog {
    private let log: Log
    private var sampler: LogSampler

    init(_ log: Log, linesPerMinute: Int = 5) {
        self.log = log
        sampler = LogSampler(linesPerMinute: linesPerMinute)
    }

    /// Writes the line, with `dropped` when lines of this key were dropped before it; or drops it.
    func write(_ level: LogLevel, key: String, at now: Instant, _ message: String, _ fields: LogField...) {
        guard log.isEnabled(level) else { return }
        switch sampler.admit(key, at: now) {
        case .drop: return
        case .write(dropped: 0): log.write(level, message, fields)
        case .write(let dropped): log.write(level, message, fields + [("dropped", dropped)])
        }
    }

    /// Says what was dropped and has no line after it to say so. To be called about once a minute.
    func flush(at now: Instant) {
        for (key, dropped) in sampler.expire(at: now) {
            log.warn("lines were dropped", ("key", key), ("dropped", dropped))
        }
    }
}

/// Decides which lines to write: at most so many for each key in the minute after its first.
struct LogSampler {
    enum Decision: Equatable {
        /// `dropped` lines of this key since the last that was written.
        case write(dropped: Int)
        case drop
    }

    private struct Window {
        var start: Instant
        var lines = 0
        var dropped = 0
    }

    private static let length = Duration.seconds(60)
    /// Keys come from outside: those beyond the limit share one window.
    private static let mostKeys = 1000
    private static let otherKeys = "other"

    private let linesPerMinute: Int
    private var windows: [String: Window] = [:]

    init(linesPerMinute: Int) {
        self.linesPerMinute = linesPerMinute
    }

    mutating func admit(_ key: String, at now: Instant) -> Decision {
        let key = windows[key] == nil && windows.count >= Self.mostKeys ? Self.otherKeys : key
        var window = windows[key] ?? Window(start: now)
        if now - window.start >= Self.length {
            window.start = now
            window.lines = 0
        }
        defer { windows[key] = window }
        if window.lines >= linesPerMinute {
            window.dropped += 1
            return .drop
        }
        defer { window.dropped = 0 }
        window.lines += 1
        return .write(dropped: window.dropped)
    }

    /// Forgets the windows that have ended.
    ///
    /// - Returns: The keys of which lines were dropped and not yet told, in order.
    mutating func expire(at now: Instant) -> [(key: String, dropped: Int)] {
        let ended = windows.filter { now - $0.value.start >= Self.length }
        windows = windows.filter { now - $0.value.start < Self.length }
        return ended.filter { $0.value.dropped > 0 }.map { ($0.key, $0.value.dropped) }.sorted { $0.key < $1.key }
    }
}
