import Foundation
import Support
import Testing

/// A real Prometheus scrapes the mesh.
@Suite(.serialized) struct PrometheusTests {
    @Test func tellsTheBrokenNodeByTheRatioOfFailures() async throws {
        let mesh = try await ProcessMesh()
        let prometheus = try await Prometheus(scraping: mesh)
        try await eventually(within: .seconds(30), "all six are scraped") {
            try await prometheus.query("sum(up)").first?.value == 6
        }
        mesh.processes["node-b"]?.suspend()
        let ratio = """
            sum by (target_node) (rate(heartmesh_peer_probe_failures_total[8s]))
              / sum by (target_node) (rate(heartmesh_peer_probes_total[8s]))
            """
        let answer = try await eventually(within: .seconds(60), "node-b fails for all of its watchers") {
            try await prometheus.query(ratio)
        } until: { answer in
            answer.contains { $0.labels["target_node"] == "node-b" && $0.value > 0.99 }
        }
        #expect(Set(answer.compactMap { $0.labels["target_node"] }) == Set(mesh.nodes.map(\.name)))
        for sample in answer where sample.labels["target_node"] != "node-b" { #expect(sample.value == 0) }
        // The victim can't be scraped, and is named all the same.
        #expect(try await prometheus.query("sum(up)").first?.value == 5)
    }

    @Test func promtoolFindsNothingToComplainAbout() async throws {
        let mesh = try await ProcessMesh(3)
        mesh.processes["node-c"]?.kill()
        try await mesh.waitForFailures(of: "node-c", reason: "refused")
        let text = try await HTTPGet.fetch(mesh.url("node-a", "/metrics"))
        #expect(text.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        let file = try mesh.folder.write(text.text, "metrics.txt")
        let promtool = try Running("sh", ["-c", "promtool check metrics < '\(file)'"])
        let exit = try await promtool.waitForExit(within: .seconds(20))
        #expect(exit == .code(0))
        #expect(promtool.outputText + promtool.errorText == "")
    }
}

/// Debian's Prometheus, with a folder of its own.
private final class Prometheus {
    struct Sample: Sendable {
        let labels: [String: String]
        let value: Double
    }

    private let folder: TemporaryFolder
    private let port: FreePort
    private let process: Running

    init(scraping mesh: ProcessMesh) async throws {
        folder = try TemporaryFolder()
        port = try FreePort()
        let targets = mesh.nodes.map { "\"\($0.host):\(mesh.webPort.port)\"" }.joined(separator: ", ")
        let configuration = try folder.write(
            """
            global: {scrape_interval: 1s, scrape_timeout: 900ms}
            scrape_configs:
              - job_name: heartmesh
                static_configs: [{targets: [\(targets)]}]

            """, "prometheus.yml")
        port.release()
        process = try Running(
            "prometheus",
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(folder.path)/data",
                "--web.listen-address=127.0.0.1:\(port.port)", "--log.level=warn",
            ])
        try await eventually(within: .seconds(30), "Prometheus is ready") {
            try await HTTPGet.fetch("http://127.0.0.1:\(port.port)/-/ready").status == 200
        }
    }

    deinit { process.stop() }

    /// An instant query through the HTTP API.
    func query(_ expression: String) async throws -> [Sample] {
        struct Answer: Decodable {
            struct Series: Decodable {
                enum Part: Decodable {
                    case time(Double)
                    case value(String)

                    init(from decoder: any Decoder) throws {
                        let container = try decoder.singleValueContainer()
                        if let text = try? container.decode(String.self) {
                            self = .value(text)
                        } else {
                            self = .time(try container.decode(Double.self))
                        }
                    }
                }
                let metric: [String: String]
                let value: [Part]
            }
            struct Result: Decodable { let result: [Series] }
            let data: Result
        }
        var components = URLComponents()
        components.queryItems = [URLQueryItem(name: "query", value: expression)]
        let query = components.percentEncodedQuery!.replacing("+", with: "%2B")
        let response = try await HTTPGet.fetch("http://127.0.0.1:\(port.port)/api/v1/query?\(query)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(response.body))
        return answer.data.result.map { series in
            guard case .value(let text) = series.value.last else { return Sample(labels: series.metric, value: .nan) }
            return Sample(labels: series.metric, value: Double(text) ?? .nan)
        }
    }
}
