import Foundation
import Support
import Testing

/// `heartmesh demo` on the addresses that the README names.
@Suite(.serialized) struct DemoTests {
    @Test func sixNodesAndAPrometheusAndNothingLeftBehind() async throws {
        let rules = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("alerts/heartmesh.rules.yaml").path
        let demo = try Running(heartmeshBinary(), ["demo", "--rules.file=\(rules)"])
        for index in 11...16 {
            try await eventually(within: .seconds(30), "node \(index) of the demo probes its five peers") {
                try await Scrape.from("http://127.0.0.\(index):9873/metrics")
            } until: { scrape in
                let probes = scrape.samples("heartmesh_peer_probes_total")
                return probes.count == 5 && probes.allSatisfy { $0.value >= 1 }
            }
        }
        try await eventually(within: .seconds(30), "Prometheus has scraped all six") {
            let response = try await HTTPGet.fetch("http://127.0.0.10:9090/api/v1/query?query=sum(up)")
            return response.text.contains(#","6"]"#)
        }
        let loaded = try await HTTPGet.fetch("http://127.0.0.10:9090/api/v1/rules?type=alert").text
        #expect(loaded.contains("HeartmeshNodeUnreachable"))
        let folder = try #require(demo.outputText.split(separator: " ").last { $0.hasPrefix("/tmp/heartmesh-demo-") })
            .trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(FileManager.default.fileExists(atPath: folder))

        demo.interrupt()
        #expect(try await demo.waitForExit(within: .seconds(10)) == .code(0))
        for index in 11...16 {
            await #expect(throws: HTTPGet.Failure.refused) {
                try await HTTPGet.fetch("http://127.0.0.\(index):9873/metrics")
            }
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
    }
}
