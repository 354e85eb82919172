import Support
import Testing

/// Another configuration for an exporter whose peers come from Kubernetes. It probes nobody: what is recorded are
/// addresses of another machine.
@Suite(.serialized) struct KubernetesReloadTests {
    private static let off = "pod: {mode: off}, node: {mode: off}, api_server: {mode: off}, dns: {mode: off}"

    private let api: RecordedAPI
    private let folder: TemporaryFolder
    private let web: FreePort

    init() throws {
        api = try RecordedAPI()
        try api.serve(endpointSlices: "3/list/endpointslices-of-service.json")
        for (kind, name) in [("services", "services-selected"), ("ingresses", "ingresses")] {
            try api.serve(list: "100/list/\(name).json")
            try api.change(kind) { $0.removeAll() }
        }
        folder = try TemporaryFolder()
        web = try FreePort()
        try folder.write(
            """
            apiVersion: v1
            kind: Config
            current-context: lab
            contexts: [{name: lab, context: {cluster: lab, user: lab, namespace: heartmesh}}]
            clusters: [{name: lab, cluster: {server: "\(api.url)"}}]
            users: [{name: lab, user: {token: a-token}}]

            """, "kubeconfig")
    }

    private func start(_ flags: [String]) throws -> Running {
        try Running(
            heartmeshBinary(),
            [
                "run", "--kubeconfig=\(folder.path)/kubeconfig", "--node.name=node-00000",
                "--web.listen-address=\(web.address)", "--responder.listen-address=127.0.0.1:0",
                "--web.enable-lifecycle",
            ] + flags)
    }

    private func write(_ discovery: String, _ channels: String) throws -> String {
        try folder.write(
            """
            discovery: {\(discovery), kubernetes: {namespace: heartmesh, service: heartmesh}}
            channels: {\(Self.off), \(channels)}

            """, "heartmesh.yaml")
    }

    private func scrape() async throws -> Scrape { try await Scrape.from("http://\(web.address)/metrics") }

    /// What is read of the API server follows the channels, and what is not read does not look stale.
    @Test func whatIsDiscovered() async throws {
        let others = "multus: {mode: off}, node_port: {mode: off}, ingress: {mode: off}"
        let path = try write("interval: 1s", others)
        let process = try start(["--config.file=\(path)"])
        defer { process.stop() }
        func waitForResources(_ expected: Set<String>) async throws {
            try await eventually(within: .seconds(30), "\(expected) are read") {
                let samples = try await scrape().samples("heartmesh_discovery_last_success_timestamp_seconds")
                return Set(samples.compactMap { $0.labels["resource"] })
            } until: {
                $0.isSuperset(of: expected)
                    && $0.isDisjoint(with: Set(["services", "ingresses"]).subtracting(expected))
            }
        }
        try await waitForResources(["endpointslices", "services"])
        let before = try await scrape()
        _ = try write(
            "interval: 1s",
            "multus: {mode: off}, node_port: {mode: off}, cluster_ip: {mode: off}, hairpin: {mode: off}, "
                + "load_balancer: {mode: off}")
        #expect(try await HTTPGet.fetch("http://\(web.address)/-/reload", method: "POST").status == 200)
        try await waitForResources(["endpointslices", "ingresses"])
        #expect(try await scrape().sum("heartmesh_peers") == before.sum("heartmesh_peers"))
        // What comes anew is read at once, whatever the interval is.
        _ = try write("interval: 3600s", others)
        #expect(try await HTTPGet.fetch("http://\(web.address)/-/reload", method: "POST").status == 200)
        try await waitForResources(["endpointslices", "services"])
        #expect(process.exit == nil)
    }

    @Test func withoutAFileThereIsNothingToRead() async throws {
        // Nobody is found, and so nobody is probed.
        api.refuse()
        let process = try start([])
        defer { process.stop() }
        try await process.waitForLog("msg=started", within: .seconds(20))
        process.reload()
        try await process.waitForLog("there is nothing to reload: --config.file was not given")
        let answer = try await HTTPGet.fetch("http://\(web.address)/-/reload", method: "POST")
        #expect(answer.status == 500 && answer.text.contains("--config.file was not given"))
        #expect(try await scrape().value("heartmesh_config_last_reload_successful") == 1)
        #expect(process.exit == nil)
    }
}
