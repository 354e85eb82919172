enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case debug, info, warn, error

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warn: 2
        case .error: 3
        }
    }

    static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}

enum LogFormat: String, CaseIterable, Sendable {
    case logfmt, json
}

/// A key, which is a word of this program's, and a value, which may be anything that came from outside.
typealias LogField = (String, any CustomStringConvertible)

/// One line of the log.
struct LogLine {
    let time: Timestamp
    let level: LogLevel
    let message: String
    let fields: [LogField]

    /// The line with its line feed. Whatever the values contain, it is one line, and without control characters.
    func render(_ format: LogFormat) -> String {
        let head: [LogField] = [("ts", time.rfc3339), ("level", level.rawValue), ("msg", message)]
        switch format {
        case .logfmt:
            return (head + fields).map { "\($0.0)=\(logfmt($0.1.description))" }.joined(separator: " ") + "\n"
        case .json:
            return "{" + (head + fields).map { "\($0.0.json):\(json($0.1))" }.joined(separator: ",") + "}\n"
        }
    }

    /// In quotes when it is empty or has a space, `=`, `"` or something to escape in it: as Go's log/slog does, so
    /// that what reads the exporters' logs reads this one.
    private func logfmt(_ value: String) -> String {
        let isBare =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                !scalar.needsEscape && scalar != "=" && scalar != "\"" && !scalar.properties.isWhitespace
            }
        return isBare ? value : value.json
    }

    /// Numbers and booleans as such.
    private func json(_ value: any CustomStringConvertible) -> String {
        switch value {
        case is Bool, is any BinaryInteger: value.description
        case let number as Double where number.isFinite: number.description
        default: value.description.json
        }
    }
}
