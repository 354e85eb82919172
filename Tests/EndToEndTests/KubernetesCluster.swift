import Foundation
import Support
import Testing

/// Three exporters that find each other through a recorded API server. The recorded addresses are nobody's here: they
/// are replaced by loopback ones before anything is probed.
final class KubernetesCluster {
    static let names = ["node-00000", "node-00001", "node-00002"]

    let api: RecordedAPI
    let folder: TemporaryFolder
    let hosts = LoopbackHosts.next(3)
    let responderPort: FreePort
    let webPort: FreePort
    private(set) var processes: [Running] = []
    private let keepsTopology: Bool

    /// - Parameter keepsTopology: Each exporter has a folder for what it knows.
    init(interval: String = "1s", keepsTopology: Bool = false) async throws {
        self.keepsTopology = keepsTopology
        api = try RecordedAPI()
        try api.serve(endpointSlices: "3/list/endpointslices-of-service.json")
        responderPort = try FreePort(on: hosts)
        webPort = try FreePort(on: hosts)
        let (hosts, port) = (hosts, responderPort.port)
        try api.change { slices in
            try slices.remove("heartmesh-q5zfh")
            for (name, host) in zip(Self.names, hosts) { try slices.setAddress(host, ofNode: name) }
            try slices.setPort(named: "http", to: port)
        }
        folder = try TemporaryFolder()
        try folder.write(
            """
            discovery: {interval: \(interval), kubernetes: {namespace: heartmesh, service: heartmesh}}
            channels: {pod: {interval: 400ms, timeout: 2s}, cluster_ip: {interval: 400ms, timeout: 2s}, dns: {mode: off}}

            """, "heartmesh.yaml")
        try folder.write(
            """
            apiVersion: v1
            kind: Config
            current-context: lab
            contexts: [{name: lab, context: {cluster: lab, user: lab}}]
            clusters: [{name: lab, cluster: {server: "\(api.url)"}}]
            users: [{name: lab, user: {token: a-token}}]

            """, "kubeconfig")
        // Nobody is probed before it listens: otherwise the first probes are refused, and rightly so.
        api.refuse()
        for index in 0..<3 { processes.append(try start(index)) }
        for host in hosts {
            try await eventually(within: .seconds(20), "the responder on \(host) listens") {
                try await HTTPGet.fetch("http://\(host):\(port)/").status == 200
            }
        }
        try api.heal()
    }

    deinit { for process in processes { process.stop() } }

    private func start(_ index: Int) throws -> Running {
        let (name, host) = (Self.names[index], hosts[index])
        if keepsTopology { try folder.makeFolder("cache-\(index)") }
        return try Running(
            heartmeshBinary(),
            [
                "run", "--config.file=\(folder.path)/heartmesh.yaml", "--kubeconfig=\(folder.path)/kubeconfig",
                "--node.name=\(name)", "--web.listen-address=\(host):\(webPort.port)",
                "--responder.listen-address=\(host):\(responderPort.port)",
            ] + (keepsTopology ? ["--discovery.cache-dir=\(folder.path)/cache-\(index)"] : []))
    }

    func restart(_ index: Int) throws {
        processes[index].stop()
        processes[index] = try start(index)
    }

    /// A Service whose only backend is the last exporter.
    func serveClusterIP() throws {
        try api.serve(list: "100/list/services-selected.json") { services in
            try services.keep { $0.name == "heartmesh" }
            try services.edit("heartmesh") { service in
                let text = String(decoding: service, as: UTF8.self)
                    .replacingOccurrences(of: "10.96.47.6", with: self.hosts[2])
                    .replacingOccurrences(of: #""port":8900"#, with: #""port":\#(self.responderPort.port)"#)
                service = Array(text.utf8)
            }
        }
    }

    /// How often the API was asked for the peers' slices.
    var looks: Int { api.exchanges.count { $0.request.path.hasSuffix("/endpointslices") } }

    func targets(_ index: Int = 0) async throws -> String {
        try await HTTPGet.fetch("http://\(hosts[index]):\(webPort.port)/api/v1/targets").text
    }

    /// Gives the node's pod another UID.
    ///
    /// - Returns: The former one.
    func change(_ node: String, uid: String) throws -> String {
        var former = ""
        try api.change { slices in
            try slices.changeEndpoints(ofNode: node) { endpoint in
                let text = String(decoding: endpoint, as: UTF8.self)
                let start = try #require(text.range(of: #""uid":""#)).upperBound
                let end = try #require(text[start...].firstIndex(of: "\""))
                former = String(text[start..<end])
                return Array(text.replacingCharacters(in: start..<end, with: uid).utf8)
            }
        }
        return former
    }

    func scrape(_ index: Int = 0) async throws -> Scrape {
        try await Scrape.from("http://\(hosts[index]):\(webPort.port)/metrics")
    }

    func waitForHealth() async throws {
        for index in 0..<3 {
            try await eventually(within: .seconds(20), "exporter \(index) probes both of its peers") {
                try await self.scrape(index)
            } until: { scrape in
                let probes = scrape.samples("heartmesh_peer_probes_total")
                return probes.count == 2 && probes.allSatisfy { $0.value >= 3 }
            }
        }
    }
}
