/// What a fault does to the probes of one channel.
struct Effect: Sendable {
    /// For the table.
    let text: String
    private let judge: @Sendable (Path) -> Verdict

    init(_ text: String, _ judge: @escaping @Sendable (Path) -> Verdict) {
        self.text = text
        self.judge = judge
    }

    func verdict(on path: Path) -> Verdict { judge(path) }

    static let none = Effect("–") { _ in .succeeds }

    static func all(_ verdict: Verdict) -> Effect {
        Effect("all: \(verdict.text)") { _ in verdict }
    }

    /// Told by where a path begins and ends: inside of a part of the cluster, from it, to it, or neither. A path to a Service
    /// ends nowhere: it counts by where it begins.
    ///
    /// - Parameters:
    ///   - part: The nodes' letters: `b`, `cd`.
    ///   - families: The others are well.
    static func around(
        _ part: String, within: Verdict = .succeeds, from: Verdict = .succeeds, to: Verdict = .succeeds,
        others: Verdict = .succeeds, families: Set<String> = ["ipv4", "ipv6"]
    ) -> Effect {
        let inside = Set(part.map { "node-\($0)" })
        var parts: [String] = []
        if within != .succeeds { parts.append("\(part)→\(part): \(within.text)") }
        if from == to, from != .succeeds {
            parts.append("\(part)↔: \(from.text)")
        } else {
            if from != .succeeds { parts.append("\(part)→: \(from.text)") }
            if to != .succeeds { parts.append("→\(part): \(to.text)") }
        }
        if others != .succeeds { parts.append("others: \(others.text)") }
        let text = parts.joined(separator: "; ") + (families.count == 1 ? " (\(families.joined()))" : "")
        return Effect(text) { path in
            guard families.contains(path.family) else { return .succeeds }
            if inside.contains(path.source) {
                return inside.contains(path.target) ? within : from
            }
            return inside.contains(path.target) ? to : others
        }
    }

    /// On one path alone.
    static func between(_ source: String, _ target: String, _ verdict: Verdict) -> Effect {
        Effect("\(source)→\(target): \(verdict.text)") { path in
            path.source == "node-\(source)" && path.target == "node-\(target)" ? verdict : .succeeds
        }
    }
}

extension [String: Effect] {
    /// By column, as in a row of the table; a column that is not there stays well.
    func verdict(on path: Path) -> Verdict { self[path.column]?.verdict(on: path) ?? .succeeds }
}
