import Support

extension Cluster {
    /// Runs the errands of all pods until what came of them fits: all of them twice, and then those again that should
    /// sometimes fail and sometimes succeed and have not done both.
    ///
    /// - Parameter rounds: At least, and at most.
    /// - Returns: What does not fit in the end.
    func problemsOfErrands(
        under effects: [String: Effect] = [:], rounds: ClosedRange<Int> = 2...30
    ) async throws -> [String] {
        let services = try controlPlane.services()
        let all = exporters.flatMap { exporter in
            Errand.all(from: exporter.node, services: services).map { (exporter, $0) }
        }
        var counts = Counts()
        for round in 1...rounds.upperBound {
            let open = all.filter { round <= rounds.lowerBound || counts.isOpen($0.1.path, under: effects) }
            if open.isEmpty || counts.isBeyondHope(under: effects) { break }
            counts.add(try await run(open, effects))
        }
        return counts.problems(under: effects)
    }

    /// So many at the same time. All at once would be several hundred threads that start in the same moment, and on two cores
    /// the last of them, and the pods that are to answer, would wait for longer than a timeout.
    private static let errandsAtOnce = 64

    private func run(_ errands: [(Exporter, Errand)], _ effects: [String: Effect]) async throws -> Counts {
        try await withThrowingTaskGroup(of: (Path, String?).self) { group in
            var counts = Counts()
            var started = 0
            for (exporter, errand) in errands {
                for _ in 0..<(effects.verdict(on: errand.path).isFlapping ? 4 : 1) {
                    if started >= Cluster.errandsAtOnce, let (path, reason) = try await group.next() {
                        counts.add(path, reason)
                    }
                    started += 1
                    group.addTask { [probing] in
                        try await exporter.namespace.run {
                            (errand.path, errand.run(timeout: .milliseconds(probing.timeout)))
                        }
                    }
                }
            }
            for try await (path, reason) in group { counts.add(path, reason) }
            return counts
        }
    }
}

extension Counts {
    /// Whether more of the same may still make it fit.
    fileprivate func isOpen(_ path: Path, under effects: [String: Effect]) -> Bool {
        let verdict = effects.verdict(on: path)
        return verdict.isFlapping && !verdict.fits(failures: failures[path] ?? 0, of: probes[path] ?? 0)
    }
}
