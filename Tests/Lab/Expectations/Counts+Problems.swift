extension Counts {
    /// What does not fit: who fails and should not, who should and does not, and for which other reason.
    ///
    /// - Parameter effects: By channel, as in a row of the table; a channel that is not there stays well.
    /// - Returns: Empty when all is as expected.
    func problems(under effects: [String: Effect] = [:]) -> [String] {
        var problems: [String] = []
        var expectedReasons: [Origin: Set<String>] = [:]
        for (path, probes) in probes.sorted(by: { $0.key.description < $1.key.description }) {
            let failed = failures[path] ?? 0
            let verdict = effects[path.channel]?.verdict(on: path) ?? .succeeds
            expectedReasons[Origin(of: path), default: []].formUnion(verdict.reasons)
            if !verdict.fits(failures: failed, of: probes) {
                problems.append("\(path): \(Int(failed)) of \(Int(probes)) failed, expected: \(verdict.text)")
            }
        }
        for path in failures.keys where probes[path] == nil { problems.append("\(path): failures without probes") }
        return problems + reasonProblems(expectedReasons) + sumProblems()
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
