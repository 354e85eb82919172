import Foundation
import Support
import Testing

/// Every channel without Kubernetes: the mesh document spells the services out.
@Suite(.serialized) struct StaticChannelsTests {
    private struct Document: Decodable {
        struct Target: Decodable {
            let channel: String
            let state: String
            let why: String?
            let target: String?
            let targetNode: String?
            let network: String?
            let address: String?
            let url: String?
            let ipFamily: String?
            let payload: String?
            let lastOutcome: String?
            let lastLatencySeconds: Double?
        }

        struct Content: Decodable {
            let targets: [Target]
        }

        let status: String
        let data: Content
    }

    private static let channels = [
        "pod", "multus", "node", "cluster_ip", "hairpin", "node_port", "load_balancer", "ingress",
    ]

    private static let large = ", large: {interval: 1s}"

    private func mesh() async throws -> ProcessMesh {
        let mesh = try await ProcessMesh(3) { port in
            let settings = Self.channels.map { channel in
                let own = ["node": ", port: \(port)", "pod": Self.large, "multus": Self.large][channel] ?? ""
                return "\(channel): {interval: 400ms, timeout: 2s\(own)}"
            }
            return settings.joined(separator: ", ") + ", api_server: {mode: on}"
        }
        let (a, b, c) = (mesh.nodes[0].host, mesh.nodes[1].host, mesh.nodes[2].host)
        try mesh.list(
            mesh.nodes.map(\.name),
            services: [
                "channel: cluster_ip, name: any, addresses: [\(b), \(c)]",
                "channel: hairpin, name: pin, addresses: [\(a)]",
                "channel: node_port, name: port",
                "channel: load_balancer, name: balancer, addresses: [\(c), nowhere.invalid]",
                "channel: ingress, host: beat.example, path: /beat, addresses: [\(b)]",
            ])
        return mesh
    }

    private func targets(_ mesh: ProcessMesh, _ node: String) async throws -> [Document.Target] {
        let response = try await HTTPGet.fetch(mesh.url(node, "/api/v1/targets"))
        #expect(response.headers["Content-Type"] == "application/json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let document = try decoder.decode(Document.self, from: Data(response.body))
        #expect(document.status == "success")
        return document.data.targets
    }

    @Test func everyChannelIsProbedAndListed() async throws {
        let mesh = try await mesh()
        try await eventually(within: .seconds(20), "every target has succeeded") {
            try await self.targets(mesh, "node-a")
        } until: { targets in
            let probed = targets.filter { $0.state == "probed" }
            return Set(probed.map(\.channel)) == Set(Self.channels)
                && probed.allSatisfy { $0.lastOutcome == "success" && ($0.lastLatencySeconds ?? 0) > 0 }
        }
        let targets = try await self.targets(mesh, "node-a")
        let port = mesh.responderPort.port
        let ingress = try #require(targets.first { $0.channel == "ingress" })
        #expect(ingress.url == "http://beat.example:\(port)/beat")
        #expect(ingress.address == "\(mesh.nodes[1].host):\(port)")
        let ports = targets.filter { $0.channel == "node_port" }.compactMap(\.targetNode)
        #expect(ports == ["node-a", "node-b", "node-c"])
        #expect(Set(targets.filter { $0.channel == "multus" }.compactMap(\.network)) == ["storage"])
        #expect(targets.filter { $0.channel == "cluster_ip" }.count == 2)
        let large = targets.filter { $0.payload == "large" }
        #expect(Set(large.map(\.channel)) == ["pod", "multus"])
        #expect(large.allSatisfy { $0.url?.hasSuffix("/?size=8192") == true })
        let unresolved = try #require(targets.first { $0.state == "unresolved" })
        #expect(unresolved.target == "balancer" && unresolved.address == "nowhere.invalid")
        #expect(unresolved.why == "nowhere.invalid has no address" && unresolved.lastOutcome == nil)
        let missing = try #require(targets.first { $0.state == "missing" })
        #expect(missing.channel == "api_server")

        let scrape = try await mesh.scrape("node-a")
        #expect(scrape.sum("heartmesh_probe_failures_total") == 0)
        for (channel, state) in [("load_balancer", "unresolved"), ("api_server", "missing"), ("ingress", "probed")] {
            #expect(try scrape.value("heartmesh_targets", ["channel": channel, "state": state]) == 1)
        }
        #expect(scrape.sum("heartmesh_probes_total", ["channel": "pod", "payload": "large"]) > 0)
        #expect(scrape.sum("heartmesh_tcp_retransmits_total") == 0)
        #expect(scrape.samples("heartmesh_tcp_retransmits_total").count == 2 * Self.channels.count)
        // Phases are those of the small probes, whose latencies they make up.
        for channel in Self.channels where channel != "node" {
            let phases = scrape.sum("heartmesh_probe_phase_seconds_total", ["channel": channel])
            let durations = scrape.sum(
                "heartmesh_probe_duration_seconds_sum", ["channel": channel, "protocol": "http"])
            #expect(abs(phases - durations) < 1e-6 && phases > 0)
        }
        // node-a and node-b share a zone.
        for (locality, isThere) in [("same_node", false), ("same_zone", true), ("other_zone", true)] {
            let replies = try scrape.value(
                "heartmesh_service_backend_replies_total", ["channel": "cluster_ip", "locality": locality])
            #expect(replies.map { $0 > 0 } == isThere)
        }
        #expect(scrape.sum("heartmesh_target_probes_total", ["target": "beat.example/beat"]) > 0)
    }

    /// Traps, 20: who answers for a hairpin is not the next one by chance.
    @Test func aHairpinIsAnsweredByTheProberItselfOrFails() async throws {
        let mesh = try await mesh()
        for (node, isRight) in [("node-a", true), ("node-b", false), ("node-c", false)] {
            let labels = ["channel": "hairpin"]
            // A counter of failures is shown at 0 once before it is shown as it is.
            _ = try await mesh.scrape(node)
            try await eventually(within: .seconds(20), "\(node) has probed the hairpin three times") {
                try await mesh.scrape(node)
            } until: { scrape in
                let probes = scrape.sum("heartmesh_probes_total", labels)
                return probes >= 3 && scrape.sum("heartmesh_probe_failures_total", labels) == (isRight ? 0 : probes)
            }
            let reasons = try await mesh.scrape(node).samples("heartmesh_probe_failure_reasons_total")
            #expect(reasons.map { $0.labels["reason"] } == (isRight ? [] : ["wrong_peer"]))
        }
    }

    @Test func aBackendThatIsNoPeerIsTheWrongOne() async throws {
        let mesh = try await mesh()
        // node-c still answers, and is not listed any more.
        try mesh.list(
            ["node-a", "node-b"], services: ["channel: cluster_ip, name: any, addresses: [\(mesh.nodes[2].host)]"])
        let labels = ["channel": "cluster_ip", "reason": "wrong_peer"]
        try await eventually(within: .seconds(20), "node-a counts the wrong peer") {
            try await mesh.scrape("node-a").sum("heartmesh_probe_failure_reasons_total", labels) >= 2
        }
        let targets = try await self.targets(mesh, "node-a").filter { $0.channel == "cluster_ip" }
        #expect(targets.map(\.lastOutcome) == ["wrong_peer"])
    }
}
