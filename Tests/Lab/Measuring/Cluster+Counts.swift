import Support

extension Cluster {
    /// What all exporters have counted until now.
    func counts() async throws -> Counts {
        try await withThrowingTaskGroup(of: Scrape.self) { group in
            for exporter in exporters { group.addTask { try await exporter.scrape() } }
            return Counts(try await group.reduce(into: []) { $0.append($1) })
        }
    }

    /// The same, at a moment when no reason is shown for the first time, for then it is shown at 0.
    private func countsOfKnownReasons() async throws -> Counts {
        var known = try await counts()
        while true {
            let counts = try await counts()
            if counts.reasonSeries == known.reasonSeries { return counts }
            known = counts
        }
    }

    /// Compares what is counted from now on with what is expected, until it fits: what should sometimes fail and sometimes
    /// succeed takes some patience.
    ///
    /// - Parameter count: So many probes on each path at least, those that fail included, and at most.
    /// - Returns: What does not fit in the end.
    func problems(
        under effects: [String: Effect] = [:], probes count: ClosedRange<Int> = 4...120
    ) async throws -> [String] {
        let start = try await countsOfKnownReasons()
        var outcomes = Outcomes(try await listed())
        let paths = Array(start.probes.keys) + outcomes.paths
        try await eventually(within: .seconds(180), "each path is probed \(count.lowerBound) times more") {
            outcomes.add(try await listed())
            return Progress(try await counts().since(start).adding(outcomes.counts), on: paths)
        } until: { progress in
            if progress.probes < count.lowerBound { return false }
            return progress.probes >= count.upperBound || progress.counts.isBeyondHope(under: effects)
                || progress.counts.problems(under: effects).isEmpty
        }
        return try await countsOfKnownReasons().since(start).adding(outcomes.counts).problems(under: effects)
    }

    /// What `/api/v1/targets` shows, where it is needed.
    private func listed() async throws -> [(Node, [ListedTarget])] {
        if !probing.podProtocols.contains("udp") { return [] }
        return try await withThrowingTaskGroup(of: (Node, [ListedTarget]).self) { group in
            for exporter in exporters { group.addTask { (exporter.node, try await exporter.targets()) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private struct Progress: CustomStringConvertible {
        let counts: Counts
        /// On the path that has the fewest.
        let probes: Int
        private let slowest: Path?

        init(_ counts: Counts, on paths: some Sequence<Path>) {
            self.counts = counts
            let last = paths.map { (path: $0, probes: Int(counts.probes[$0] ?? 0)) }.min { $0.probes < $1.probes }
            slowest = last?.path
            probes = last?.probes ?? 0
        }

        var description: String { slowest.map { "\(probes) on \($0)" } ?? "no path" }
    }

    /// Waits until the probes that are under way have come to their end.
    ///
    /// None takes longer than its timeout by its exporter's own clock, and that the exporter has come so far is seen from
    /// what it has started, whatever becomes of it: in any time, each target is probed once for each whole interval, once
    /// for the rest, and once for what was late before.
    func settle() async throws {
        try await withThrowingTaskGroup { group in
            for exporter in exporters { group.addTask { [probing] in try await exporter.settle(probing) } }
            try await group.waitForAll()
        }
    }

    /// Waits until every exporter has read the topology anew: an API server that was away is found again.
    func waitForDiscovery() async throws {
        try await withThrowingTaskGroup { group in
            for exporter in exporters { group.addTask { try await exporter.waitForDiscovery() } }
            try await group.waitForAll()
        }
    }

    /// Waits until no probe fails any more, on any path.
    func waitForHealth() async throws {
        try await eventually(within: .seconds(60), "no probe fails any more") {
            try await problems(probes: 4...4)
        } until: {
            $0.isEmpty
        }
    }
}

extension Exporter {
    fileprivate func settle(_ probing: Probing) async throws {
        let rounds = Double(probing.timeout / probing.interval + 2)
        let started = "heartmesh_scheduler_lag_seconds_count"
        let (start, targets) = try await (scrape(), targets().count)
        try await eventually(within: .seconds(60), "\(node.name) goes on for longer than a timeout") {
            let now = try await scrape()
            // Not `heartmesh_targets`, where an address counts once: large payloads are started, too.
            let most = Double(max(targets, try await self.targets().count))
            return now.sum(started) - start.sum(started) > most * rounds
        }
    }

    fileprivate func waitForDiscovery() async throws {
        let before = try await scrape()
        try await eventually(within: .seconds(30), "\(node.name) reads the topology anew") {
            let now = try await scrape()
            return ["endpointslices", "services", "ingresses"].allSatisfy { resource in
                let time = { (scrape: Scrape) in
                    scrape.sum("heartmesh_discovery_last_success_timestamp_seconds", ["resource": resource])
                }
                // Of channels that are off, nothing is read.
                return time(before) == 0 || time(now) > time(before)
            }
        }
    }
}
