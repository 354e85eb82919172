internal import Glibc

/// The log on stderr: one write(2) for each line.
final class Log {
    let level: LogLevel
    let format: LogFormat
    private let descriptor: Int32
    private let now: () -> Timestamp

    init(
        level: LogLevel = .info, format: LogFormat = .logfmt, descriptor: Int32 = STDERR_FILENO,
        now: @escaping () -> Timestamp = Timestamp.now
    ) {
        self.level = level
        self.format = format
        self.descriptor = descriptor
        self.now = now
    }

    func isEnabled(_ level: LogLevel) -> Bool {
        level >= self.level
    }

    func debug(_ message: String, _ fields: LogField...) { write(.debug, message, fields) }
    func info(_ message: String, _ fields: LogField...) { write(.info, message, fields) }
    func warn(_ message: String, _ fields: LogField...) { write(.warn, message, fields) }
    func error(_ message: String, _ fields: LogField...) { write(.error, message, fields) }

    func write(_ level: LogLevel, _ message: String, _ fields: [LogField]) {
        guard isEnabled(level) else { return }
        var line = LogLine(time: now(), level: level, message: message, fields: fields).render(format)
        line.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                // A log that takes no more, full or closed, must not stop the probes.
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}
