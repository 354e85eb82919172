import Support
import Testing

extension Lab {
    /// A node whose network dies. After a time its endpoint says NotReady, and it stays as long as the node does.
    @Suite(.serialized, .cluster(Probing(channels: ["pod"], interval: 1000))) struct DeadNodeTests {
        private var cluster: Cluster { .current }

        private func excluded() async throws -> [Double] {
            var counts: [Double] = []
            for letter in ["a", "c", "d"] {
                counts.append(try await cluster[letter].scrape().sum("heartmesh_excluded_failures_total"))
            }
            return counts
        }

        /// Waits until each watcher has counted so many more failures of node-b.
        private func waitForFailures(_ count: Double, within limit: Duration) async throws {
            let name = "heartmesh_peer_probe_failures_total"
            let labels = ["channel": "pod", "target_node": "node-b"]
            for letter in ["a", "c", "d"] {
                let before = try await cluster[letter].scrape().sum(name, labels)
                try await eventually(within: limit, "\(letter) counts \(count) failures of node-b") {
                    try await cluster[letter].scrape().sum(name, labels)
                } until: {
                    $0 >= before + count
                }
            }
        }

        @Test func itFailsForAllItsWatchersAsLongAsTheFaultLasts() async throws {
            let before = try await excluded()
            try await cluster.during(.nodeLinkDown("b")) {
                // An interval, the timeout and the second look: some nine seconds.
                try await waitForFailures(1, within: .seconds(25))
                try cluster.controlPlane.api.change {
                    try $0.setConditions(.init(ready: true, serving: false, terminating: false), ofNode: "node-b")
                }
                for letter in ["a", "c", "d"] {
                    try await eventually(within: .seconds(20), "\(letter) knows that node-b is NotReady") {
                        try await cluster[letter].scrape().sum("heartmesh_peers", ["state": "not_ready"]) == 1
                    }
                }
                try await waitForFailures(20, within: .seconds(60))
            }
            #expect(try await excluded() == before)
            // What is left of the fault has ended when three seconds of probes have.
            try await eventually(within: .seconds(60), "nothing fails any more") {
                let first = try await cluster.counts()
                try await Task.sleep(for: .seconds(3))
                let failures = try await cluster.counts().since(first).failures
                return failures.values.allSatisfy { $0 == 0 }
            }
        }
    }
}
