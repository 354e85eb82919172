import Support

extension Cluster {
    /// Runs all errands of all pods, again and again, until what came of them fits. What should sometimes fail and sometimes
    /// succeed is tried several times in each round.
    ///
    /// - Returns: What does not fit in the end.
    func problemsOfErrands(
        under effects: [String: Effect] = [:], rounds: ClosedRange<Int> = 2...15
    ) async throws -> [String] {
        var counts = Counts()
        var problems: [String] = []
        for round in 1...rounds.upperBound {
            counts.add(try await runErrands(effects))
            if round < rounds.lowerBound { continue }
            problems = counts.problems(under: effects)
            if problems.isEmpty { break }
        }
        return problems
    }

    /// Runs all of them once, at the same time.
    private func runErrands(_ effects: [String: Effect]) async throws -> Counts {
        let services = try controlPlane.services
        return try await withThrowingTaskGroup(of: (Path, String?).self) { group in
            for exporter in exporters {
                for errand in Errand.all(from: exporter.node, services: services) {
                    let isFlapping =
                        if case .flaps = effects[errand.path.channel]?.verdict(on: errand.path) { true } else { false }
                    for _ in 0..<(isFlapping ? 8 : 1) {
                        group.addTask {
                            // A little more than the first repetition of a SYN takes.
                            try await exporter.namespace.run { (errand.path, errand.run(timeout: .milliseconds(1500))) }
                        }
                    }
                }
            }
            var counts = Counts()
            for try await (path, reason) in group { counts.add(path, reason) }
            return counts
        }
    }
}

extension Counts {
    fileprivate mutating func add(_ path: Path, _ reason: String?) {
        probes[path, default: 0] += 1
        guard let reason else { return }
        failures[path, default: 0] += 1
        failuresByOrigin[Origin(of: path), default: 0] += 1
        reasons[Origin(of: path), default: [:]][reason, default: 0] += 1
    }

    fileprivate mutating func add(_ more: Counts) {
        probes.merge(more.probes, uniquingKeysWith: +)
        failures.merge(more.failures, uniquingKeysWith: +)
        failuresByOrigin.merge(more.failuresByOrigin, uniquingKeysWith: +)
        for (origin, counted) in more.reasons { reasons[origin, default: [:]].merge(counted, uniquingKeysWith: +) }
    }
}
