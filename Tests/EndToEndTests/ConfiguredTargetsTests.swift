import Support
import Testing

/// Targets of the configuration, with a mesh that has no peer but this one.
struct ConfiguredTargetsTests {
    @Test func theyAreProbedAndKeepTheirSecrets() async throws {
        let folder = try TemporaryFolder()
        let server = try StubServer { request in
            [.bytes(StubServer.response(status: request.path == "/health" ? 200 : 503, body: #"{"status":"ok"}"#))]
        }
        let (web, responder) = (try FreePort(), try FreePort())
        let closed = try FreePort()
        let host = "localhost:\(server.address.port)"
        try folder.write("peers: [{node: node-a, addresses: [127.0.0.1]}]\n", "mesh.yaml")
        try folder.write("hidden-password\n", "password")
        try folder.write(
            """
            discovery: {file: mesh.yaml}
            probes:
              - name: shop
                url: http://\(host)/health?hidden=query
                method: POST
                body: hidden-body
                headers: {X-Key: hidden-header}
                basicAuth: {username: me, passwordFile: password}
                expect: {json: {path: status, value: ok}}
                interval: 1s
              - {name: broken, url: "http://\(host)/other", ipFamily: ipv4, interval: 1s, role: egress}
              - {name: port, url: "tcp://\(closed.address)", interval: 1s}
              - {name: nowhere, url: "https://nowhere.invalid/"}

            """, "heartmesh.yaml")
        let process = try Running(
            heartmeshBinary(),
            [
                "run", "--config.file=\(folder.path)/heartmesh.yaml", "--node.name=node-a",
                "--web.listen-address=\(web.address)", "--responder.listen-address=\(responder.address)",
            ])
        defer { process.stop() }
        let labels = ["channel": "url", "source_node": "node-a", "ip_family": "ipv4"]
        func value(_ scrape: Scrape, _ name: String, _ target: String) -> Double {
            scrape.sum("heartmesh_target_probe\(name)", labels.merging(["target": target]) { $1 })
        }
        let scrape = try await eventually(within: .seconds(20), "each target has been probed twice") {
            try await Scrape.from("http://\(web.address)/metrics")
        } until: { scrape in
            value(scrape, "_duration_seconds_count", "shop") >= 2
                && ["broken", "port"].allSatisfy { value(scrape, "_failures_total", $0) >= 2 }
        }
        #expect(value(scrape, "_failures_total", "shop") == 0)
        #expect(scrape.sum("heartmesh_target_probes_total", ["role": "egress", "target": "broken"]) >= 2)
        #expect(scrape.sum("heartmesh_target_probes_total", ["role": "egress"]) == value(scrape, "s_total", "broken"))
        for reason in ["status", "refused"] {
            #expect(scrape.sum("heartmesh_probe_failure_reasons_total", ["channel": "url", "reason": reason]) >= 1)
        }
        #expect(try scrape.value("heartmesh_targets", ["channel": "url", "state": "unresolved"]) == 1)
        let request = try #require(server.requests.first { $0.path == "/health" })
        #expect(request.target == "/health?hidden=query" && request.headers["X-Key"] == "hidden-header")
        #expect(request.headers["Authorization"] != nil && request.body == Array("hidden-body".utf8))

        let targets = try await HTTPGet.fetch("http://\(web.address)/api/v1/targets")
        let roles = String(decoding: targets.body, as: UTF8.self).split(separator: "\n").filter {
            $0.contains(#""role":"egress""#)
        }
        #expect(roles.count == 1 && roles.allSatisfy { $0.contains(#""target":"broken""#) })
        let metrics = try await HTTPGet.fetch("http://\(web.address)/metrics")
        for text in [targets.body, metrics.body].map({ String(decoding: $0, as: UTF8.self) }) + [process.errorText] {
            #expect(!text.contains("hidden"), "\(text)")
        }
        #expect(process.errorText.contains("target=broken"))
    }
}
