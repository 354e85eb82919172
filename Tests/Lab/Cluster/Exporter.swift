import Support

/// A pod: `heartmesh run` in its namespace, with nothing but a kubeconfig and the name of its node.
final class Exporter: Sendable {
    let node: Node
    let namespace: NetworkNamespace
    private let process: Running

    /// - Parameters:
    ///   - configuration: The path of its configuration.
    ///   - kubeconfig: The path.
    init(
        _ node: Node, in namespace: NetworkNamespace, configuration: String, kubeconfig: String
    ) throws {
        self.node = node
        self.namespace = namespace
        process = try launch(
            heartmeshBinary(),
            [
                "run", "--config.file=\(configuration)", "--kubeconfig=\(kubeconfig)",
                "--responder.listen-address=:\(Site.responderPort)", "--web.listen-address=:\(Site.webPort)",
            ], in: namespace, environment: ["NODE_NAME": node.name, "POD_NAME": "heartmesh-\(node.letter)"])
    }

    func stop() { process.stop() }

    /// It answers nothing, until `resume`. What comes to its sockets waits there.
    func suspend() { process.suspend() }
    func resume() { process.resume() }

    var log: String { process.errorText }

    /// The targets of which the log says that a probe failed. It has the first failures of each, and not all.
    ///
    /// - Parameter start: How many bytes of the log are to be left out.
    func failing(after start: Int) -> Set<String> {
        let lines = log.utf8.dropFirst(start).split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
        return Set(
            lines.compactMap { line in
                line.firstMatch(of: /msg="probe failed" target=([^ ]+)/).map { String($0.1) }
            })
    }

    /// Asks over the pod's own loopback, which no fault of a link touches.
    func scrape() async throws -> Scrape {
        let response = try await get("/metrics")
        guard response.status == 200 else { throw ToolFailed(description: "\(node.name): \(response.statusLine)") }
        return try Scrape(response.text)
    }

    /// What `/api/v1/targets` shows.
    func targets() async throws -> [ListedTarget] {
        let response = try await get("/api/v1/targets")
        guard response.status == 200 else { throw ToolFailed(description: "\(node.name): \(response.statusLine)") }
        return try ListedTarget.all(in: response.body)
    }

    func get(_ path: String) async throws -> HTTPResponse {
        try await fetch("http://127.0.0.1:\(Site.webPort)\(path)")
    }

    /// A request from inside of the pod, on whatever way its namespace and its node give it.
    func fetch(_ url: String, headers: Headers = [:], timeout: Duration = .seconds(5)) async throws -> HTTPResponse {
        try await namespace.run { try HTTPGet.fetchBlocking(url, headers: headers, timeout: timeout) }
    }
}
