import Support
import Testing

/// Two exporters with an IPv4 and an IPv6 address each.
@Suite struct DualStackTests {
    @Test func bothFamiliesAreProbedAndToldApart() async throws {
        let folder = try TemporaryFolder()
        let names = ["node-a", "node-b"]
        // Loopback has one IPv6 address alone: the ports tell the nodes apart.
        let ports = try LoopbackHosts.next(2).map { try FreePort(on: [$0, "::1"]) }
        let peers = zip(names, ports).map { name, port in
            "  - {node: \(name), addresses: [\(port.hosts[0]), \"::1\"], port: \(port.port)}\n"
        }
        try folder.write("peers:\n" + peers.joined(), "mesh.yaml")
        try folder.write(
            "discovery: {file: mesh.yaml}\nchannels: {pod: {interval: 400ms, timeout: 2s}, dns: {mode: off}}\n",
            "heartmesh.yaml")
        let web = try zip(names, ports).map { name, port in
            let web = try FreePort(on: [port.hosts[0]])
            return (
                address: "\(web.address)", port: web,
                process: try Running(
                    heartmeshBinary(),
                    [
                        "run", "--config.file=\(folder.path)/heartmesh.yaml", "--node.name=\(name)",
                        "--web.listen-address=\(web.address)", "--responder.listen-address=\(port.addresses[0])",
                        "--responder.listen-address=\(port.addresses[1])",
                    ])
            )
        }
        for family in ["ipv4", "ipv6"] {
            try await eventually(within: .seconds(20), "probes over \(family) succeed") {
                let scrape = try await Scrape.from("http://\(web[0].address)/metrics")
                return scrape.sum("heartmesh_peer_probe_duration_seconds_count", ["ip_family": family]) >= 3
            }
            try await eventually(within: .seconds(20), "node-b has answered over \(family)") {
                let scrape = try await Scrape.from("http://\(web[1].address)/metrics")
                return scrape.sum("heartmesh_responder_requests_total", ["ip_family": family]) >= 3
            }
        }
        web[1].process.kill()
        try await eventually(within: .seconds(20), "both families are refused") {
            let scrape = try await Scrape.from("http://\(web[0].address)/metrics")
            return ["ipv4", "ipv6"].allSatisfy {
                scrape.sum("heartmesh_probe_failure_reasons_total", ["ip_family": $0, "reason": "refused"]) >= 1
            }
        }
    }
}
