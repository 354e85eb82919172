import Support
import Testing

/// An exporter that does not get the CPU that it needs says so, and says nothing bad of its peers.
@Suite(.serialized) struct StarvationTests {
    private func mesh(_ count: Int, interval: String = "300ms", timeout: String = "1s") async throws -> ProcessMesh {
        let mesh = try await ProcessMesh(count) { port in
            let times = "interval: \(interval), timeout: \(timeout)"
            return """
                pod: {\(times), protocols: [http, udp]}, node: {\(times), port: \(port)}, \
                hairpin: {\(times)}, cluster_ip: {\(times)}
                """
        }
        let hosts = mesh.nodes.map(\.host)
        try mesh.list(
            mesh.nodes.map(\.name),
            services: [
                "channel: cluster_ip, name: any, addresses: [\(hosts[1])]",
                "channel: hairpin, name: pin, addresses: [\(hosts[0])]",
            ])
        try await waitForProbes(mesh, more: 3)
        return mesh
    }

    /// What the exporter counts of each kind of probe.
    private static let kinds = [
        ["channel": "pod", "protocol": "http"], ["channel": "pod", "protocol": "udp"],
        ["channel": "node", "protocol": "tcp"], ["channel": "cluster_ip", "protocol": "http"],
        ["channel": "hairpin", "protocol": "http"],
    ]

    /// Waits until node-a has counted so many more probes of each kind.
    private func waitForProbes(_ mesh: ProcessMesh, more count: Double) async throws {
        let before = try await scrape(mesh)
        try await eventually(within: .seconds(60), "node-a probes") {
            let now = try await scrape(mesh)
            return Self.kinds.map { now.sum("heartmesh_probes_total", $0) - before.sum("heartmesh_probes_total", $0) }
        } until: {
            $0.allSatisfy { $0 >= count }
        }
    }

    private func scrape(_ mesh: ProcessMesh) async throws -> Scrape {
        try await eventually(within: .seconds(30), "node-a is scraped") {
            try await mesh.scrape("node-a")
        } until: { _ in
            true
        }
    }

    private func failures(_ mesh: ProcessMesh) async throws -> [String: Double] {
        let samples = try await scrape(mesh).samples("heartmesh_probe_failure_reasons_total").filter { $0.value > 0 }
        return Dictionary(
            samples.map { ("\($0.labels["channel"]!) \($0.labels["protocol"]!) \($0.labels["reason"]!)", $0.value) },
            uniquingKeysWith: +)
    }

    /// Probes that were started more than so late, as the page has the edge.
    private func started(later edge: String, _ scrape: Scrape) -> Double {
        scrape.sum("heartmesh_scheduler_lag_seconds_count")
            - scrape.sum("heartmesh_scheduler_lag_seconds_bucket", ["le": edge])
    }

    private func skipped(_ scrape: Scrape) -> Double {
        scrape.sum("heartmesh_probes_skipped_total", ["reason": "late"])
    }

    @Test func aStoppedExporterBlamesNobody() async throws {
        let mesh = try await mesh(4)
        let before = try await scrape(mesh)
        let times = 5
        for _ in 0..<times {
            mesh.processes["node-a"]?.suspend()
            // How long it is stopped: the fault itself.
            try await Task.sleep(for: .seconds(3))
            mesh.processes["node-a"]?.resume()
            try await waitForProbes(mesh, more: 2)
        }
        try await waitForProbes(mesh, more: 5)
        #expect(try await failures(mesh) == [:])
        let after = try await scrape(mesh)
        #expect(after.sum("heartmesh_probe_failures_total") == 0)
        #expect(started(later: "2.5", after) - started(later: "2.5", before) >= Double(times))
        // Ten beats of each target each time.
        #expect(skipped(after) - skipped(before) >= Double(times * 9))
    }

    /// Its connections are made while it is stopped, and what is left to do comes too late.
    @Test(.enabled(if: canMakeNamespaces, "needs root, ip(8) and nft(8)"))
    func aStopInTheMidstOfProbes() async throws {
        let mesh = try LossyMesh("stop", timeout: "2s")
        func succeed(_ count: Double) async throws {
            func successes() async throws -> Double {
                try await mesh.value("a", "heartmesh_probe_duration_seconds_count", ["protocol": "http"]) ?? 0
            }
            var start: Double?
            try await eventually(within: .seconds(30), "node-a probes node-b") {
                let now = try await successes()
                if start == nil { start = now }
                return now - (start ?? now)
            } until: {
                $0 >= count
            }
        }
        for node in ["a", "b"] {
            try await eventually(within: .seconds(20), "node-\(node) is up") {
                try await mesh.value(node, "heartmesh_build_info") == 1
            }
        }
        try mesh.list()
        try await succeed(5)
        let before = try await skipped(mesh.scrape("a"))
        for _ in 0..<2 {
            // The kernel sends them again after a second.
            try mesh.drop("ip daddr 127.0.0.12 tcp dport 8873 tcp flags & (syn | ack) == syn")
            try await Task.sleep(for: .milliseconds(400))
            mesh.processes["a"]?.suspend()
            try mesh.dropNothing()
            try await Task.sleep(for: .seconds(3))
            mesh.processes["a"]?.resume()
            try await succeed(5)
        }
        let after = try await mesh.scrape("a")
        #expect(after.sum("heartmesh_probe_failures_total") == 0)
        #expect(after.samples("heartmesh_probe_failure_reasons_total").filter { $0.value > 0 }.isEmpty)
        #expect(skipped(after) > before)
    }

    /// With little time for a probe, and with the default: it takes its time, and a peer that answers is not dead.
    @Test(.enabled(if: CPUShare.isPermitted, "needs root and a CPU controller (cgroup)"), arguments: ["300ms", "4s"])
    func twoPercentOfACPU(timeout: String) async throws {
        // More than can be done with it.
        let mesh = try await mesh(3, interval: "100ms", timeout: timeout)
        let before = try await scrape(mesh)
        let share = try CPUShare(percent: 2)
        try share.take(try #require(mesh.processes["node-a"]))
        try await eventually(within: .seconds(60), "node-a waits for a CPU") {
            share.throttled
        } until: {
            $0 >= 50
        }
        try await waitForProbes(mesh, more: 10)
        #expect(try await failures(mesh) == [:])
        let after = try await scrape(mesh)
        #expect(after.sum("heartmesh_probe_failures_total") == 0)
        #expect(started(later: "0.05", after) - started(later: "0.05", before) >= 10)
    }

    /// It is stopped for a fifth of each second, and one of its peers for good.
    @Test func aDeadPeerIsSeenAllTheSame() async throws {
        let mesh = try await mesh(4)
        mesh.processes["node-d"]?.suspend()
        let deadline = ContinuousClock.now + .seconds(60)
        var seen = 0.0
        while seen < 5, ContinuousClock.now < deadline {
            mesh.processes["node-a"]?.suspend()
            try await Task.sleep(for: .milliseconds(200))
            mesh.processes["node-a"]?.resume()
            try await Task.sleep(for: .milliseconds(800))
            seen = try await mesh.view(of: "node-d", from: "node-a").failures
        }
        #expect(seen >= 5)
        try await expectOnlyTimeouts(of: "node-d", mesh)
        mesh.processes["node-d"]?.resume()
    }

    /// A tenth of a CPU: it is away for 90 ms again and again, and never for long.
    @Test(.enabled(if: CPUShare.isPermitted, "needs root and a CPU controller (cgroup)"))
    func aDeadPeerIsSeenWithATenthOfACPU() async throws {
        let mesh = try await mesh(3, timeout: "4s")
        let share = try CPUShare(percent: 10)
        try share.take(try #require(mesh.processes["node-a"]))
        mesh.processes["node-c"]?.suspend()
        try await eventually(within: .seconds(90), "node-a counts timeouts of node-c") {
            try await mesh.view(of: "node-c", from: "node-a").failures
        } until: {
            $0 >= 5
        }
        try await expectOnlyTimeouts(of: "node-c", mesh)
        mesh.processes["node-c"]?.resume()
    }

    private func expectOnlyTimeouts(of node: String, _ mesh: ProcessMesh) async throws {
        let scrape = try await scrape(mesh)
        let failed = scrape.samples("heartmesh_peer_probe_failures_total").filter { $0.value > 0 }
        #expect(Set(failed.map { $0.labels["target_node"] }) == [node])
        #expect(try await failures(mesh).keys.allSatisfy { $0.hasSuffix(" timeout") })
    }
}
