import Support

extension Cluster {
    /// Longer than a probe may take: what was under way before has come to its end after this.
    static let settling = Duration.milliseconds(1800)

    /// What all exporters have counted until now.
    func counts() async throws -> Counts {
        try await withThrowingTaskGroup(of: Scrape.self) { group in
            for exporter in exporters { group.addTask { try await exporter.scrape() } }
            var scrapes: [Scrape] = []
            for try await scrape in group { scrapes.append(scrape) }
            return Counts(scrapes)
        }
    }

    /// What is counted from now on, as soon as each path has so many probes more, those that fail included.
    ///
    /// A reason that occurs for the first time is shown at 0 in one scrape and as it is in the next: hence one more scrape at
    /// the start, and one more at the end.
    func observe(probes count: Int) async throws -> Counts {
        _ = try await counts()
        let start = try await counts()
        try await eventually(within: .seconds(30), "each path is probed \(count) times more") {
            try await counts()
        } until: { now in
            start.probes.allSatisfy { path, before in (now.probes[path] ?? 0) >= before + Double(count) }
        }
        return try await counts().since(start)
    }

    /// Lets probes that were under way come to their end.
    func settle() async throws {
        try await Task.sleep(for: Cluster.settling)
    }

    /// Waits until every exporter has read the topology anew: an API server that was away is found again.
    func waitForDiscovery() async throws {
        let time = "heartmesh_discovery_last_success_timestamp_seconds"
        for exporter in exporters {
            let before = try await exporter.scrape().sum(time)
            try await eventually(within: .seconds(30), "\(exporter.node.name) reads the topology anew") {
                try await exporter.scrape().sum(time)
            } until: {
                $0 > before
            }
        }
    }

    /// Waits until no probe fails any more, on any path.
    func waitForHealth() async throws {
        try await eventually(within: .seconds(30), "no probe fails any more") {
            try await observe(probes: 4).failures
        } until: {
            $0.isEmpty
        }
    }
}
