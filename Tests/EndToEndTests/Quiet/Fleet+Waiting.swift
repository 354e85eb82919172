import Support

/// What a test waits for.
extension Fleet {
    /// Waits until every exporter shows what is expected of it.
    func eachShows(
        _ what: String, by watchers: [Pod]? = nil, within limit: Duration = .seconds(60),
        _ isExpected: (Page) -> Bool
    ) async throws {
        for pod in watchers ?? runningPods {
            try await eventually(within: limit, "\(pod.node): \(what)") {
                Page(pod: pod, scrape: try await scrape(pod))
            } until: {
                isExpected($0)
            }
        }
    }

    /// Waits until each of the exporters, or of some nodes' ones, has probed each other of them so many times more.
    func waitForProbes(_ count: Double, of nodes: some Sequence<String>) async throws {
        let nodes = Set(nodes)
        let pods = runningPods.filter { nodes.contains($0.node) }
        var before: [String: Page] = [:]
        for pod in pods { before[pod.uid] = Page(pod: pod, scrape: try await scrape(pod)) }
        try await eachShows("each peer is probed \(count) times more", by: pods) { page in
            nodes.allSatisfy {
                $0 == page.pod.node || page.probes(of: $0) >= (before[page.pod.uid]?.probes(of: $0) ?? 0) + count
            }
        }
    }

    func waitForProbes(_ count: Double) async throws {
        try await waitForProbes(count, of: runningPods.map(\.node))
    }

    /// Waits until every exporter has probed the Service so many times more.
    func waitForProbesOfService(_ count: Double) async throws {
        let before = try await ledger()
        try await eachShows("the Service is probed \(count) times more") { page in
            page.serviceProbes >= (before[page.pod]?.serviceProbes ?? 0) + count
        }
    }

    /// Waits until nobody knows a node that has no pod any more.
    func waitUntilPeersAreKnown() async throws {
        let others = Double(runningPods.count - 1)
        try await eachShows("it has \(others) peers") { $0.scrape.sum("heartmesh_peers") == others }
    }

    /// Waits until each watcher has counted so many more failures of a node than it had.
    func waitForFailures(
        of node: String, more count: Double, than before: Ledger, by watchers: [Pod], within limit: Duration
    ) async throws {
        try await eachShows("\(count) more failures of \(node)", by: watchers, within: limit) { page in
            page.failures(of: node) >= (before[page.pod]?.failures(of: node) ?? 0) + count
        }
    }

    /// Waits until discovery has failed for each exporter for this reason, once more than it had.
    func waitForDiscoveryFailures(_ reason: String, than before: Ledger) async throws {
        let labels = ["resource": "endpointslices", "reason": reason]
        try await eachShows("discovery fails: \(reason)") { page in
            let name = "heartmesh_discovery_failures_total"
            return page.scrape.sum(name, labels) > before[page.pod]?.scrape.sum(name, labels) ?? 0
        }
    }

    /// Waits until discovery has succeeded for each exporter once more.
    func waitForDiscovery(after ledger: Ledger) async throws {
        try await eachShows("discovery succeeds again") { $0.lastLook > ledger[$0.pod]?.lastLook ?? 0 }
    }
}
