extension Counts {
    /// What does not fit: who fails and should not, who should and does not, and for which other reason.
    ///
    /// - Parameter effects: By column, as in a row of the table; a channel that is not there stays well.
    /// - Returns: Empty when all is as expected.
    func problems(under effects: [String: Effect] = [:]) -> [String] {
        var problems: [String] = []
        var expectedReasons: [Origin: Set<String>] = [:]
        for (path, probes) in probes.sorted(by: { $0.key.description < $1.key.description }) {
            let failed = failures[path] ?? 0
            let verdict = effects.verdict(on: path)
            expectedReasons[Origin(of: path), default: []].formUnion(verdict.reasons)
            if !verdict.fits(failures: failed, of: probes) {
                problems.append("\(path): \(Int(failed)) of \(Int(probes)) failed, expected: \(verdict.text)")
            }
        }
        for path in failures.keys where probes[path] == nil { problems.append("\(path): failures without probes") }
        problems += reasonProblems(expectedReasons) + sumProblems()
        if !problems.isEmpty, lateStarts > 0 {
            problems.append("\(Int(lateStarts)) probes were started a quarter of a second late: the exporters starved")
        }
        return problems
    }

    /// Whether something does not fit that more probes can't mend.
    func isBeyondHope(under effects: [String: Effect]) -> Bool {
        probes.contains { path, probes in
            let verdict = effects.verdict(on: path)
            return !verdict.isFlapping && !verdict.fits(failures: failures[path] ?? 0, of: probes)
        }
    }

    private func reasonProblems(_ expected: [Origin: Set<String>]) -> [String] {
        let origins = Set(expected.keys).union(reasons.keys)
        return origins.sorted { $0.description < $1.description }.compactMap { origin in
            let seen = Set((reasons[origin] ?? [:]).keys)
            let allowed = expected[origin] ?? []
            if seen.isSubset(of: allowed), seen.isEmpty == allowed.isEmpty { return nil }
            return "\(origin): failed for \(seen.sorted()), expected: \(allowed.sorted())"
        }
    }

    /// A failure is counted by path, by reason and by zone, and always in the same step.
    private func sumProblems() -> [String] {
        var byPath: [Origin: Double] = [:]
        for (path, count) in failures { byPath[Origin(of: path), default: 0] += count }
        let origins = Set(byPath.keys).union(reasons.keys).union(failuresByOrigin.keys)
        return origins.sorted { $0.description < $1.description }.compactMap { origin in
            let sums = [
                byPath[origin] ?? 0, (reasons[origin] ?? [:]).values.reduce(0, +), failuresByOrigin[origin] ?? 0,
            ]
            return Set(sums).count == 1 ? nil : "\(origin): failures by path, by reason, in all: \(sums)"
        }
    }
}
