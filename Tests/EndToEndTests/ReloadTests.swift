import Foundation
import Support
import Testing

/// Another configuration for an exporter that runs.
@Suite(.serialized) struct ReloadTests {
    /// One exporter, and what it probes.
    private final class Exporter {
        let folder: TemporaryFolder
        let server: StubServer
        let process: Running
        private let web = FreePortBox()

        /// - Parameter configuration: Without the source of the peers.
        init(_ configuration: (SocketAddress) -> String, flags: [String] = ["--web.enable-lifecycle"]) async throws {
            folder = try TemporaryFolder()
            server = try StubServer { [.bytes(StubServer.response(status: $0.path == "/bad" ? 500 : 200))] }
            try folder.write("peers: [{node: node-a, addresses: [127.0.0.1]}]\n", "mesh.yaml")
            let port = try web.make()
            try folder.write(Self.head + configuration(server.address), "heartmesh.yaml")
            process = try Running(
                heartmeshBinary(),
                [
                    "run", "--config.file=\(folder.path)/heartmesh.yaml", "--node.name=node-a",
                    "--web.listen-address=\(port.address)", "--responder.listen-address=127.0.0.1:0",
                ] + flags)
            try await process.waitForLog("msg=started", within: .seconds(20))
        }

        deinit { process.stop() }

        static let head = "discovery: {file: mesh.yaml}\n"

        func write(_ configuration: (SocketAddress) -> String) throws {
            try folder.write(Self.head + configuration(server.address), "heartmesh.yaml")
        }

        func url(_ path: String) -> String { "http://\(web.port!.address)\(path)" }

        func reload(_ method: String = "POST") async throws -> HTTPResponse {
            try await HTTPGet.fetch(url("/-/reload"), method: method, timeout: .seconds(20))
        }

        func scrape() async throws -> Scrape { try await Scrape.from(url("/metrics")) }

        func probes(of target: String) async throws -> Double {
            try await scrape().sum("heartmesh_target_probes_total", ["target": target])
        }

        /// Waits until so many probes of a target were made beside those that were.
        func probes(of target: String, more count: Double) async throws {
            let start = try await probes(of: target)
            try await eventually(within: .seconds(30), "\(target) is probed \(count) times more") {
                try await self.probes(of: target) >= start + count
            }
        }

        /// How many requests for a path came.
        func requests(_ path: String) -> Int { server.requests.count { $0.path == path } }
    }

    private final class FreePortBox {
        private(set) var port: FreePort?

        func make() throws -> FreePort {
            let new = try FreePort()
            port = new
            return new
        }
    }

    private static func probe(
        _ name: String, _ address: SocketAddress, interval: String = "1s", path: String? = nil, more: String = ""
    ) -> String {
        "  - {name: \(name), url: \"http://\(address)\(path ?? "/\(name)")\", interval: \(interval)\(more)}\n"
    }

    /// One target gets another interval, one another path, one goes, one comes: the fourth sees nothing of it.
    @Test func whatDoesNotChangeGoesOn() async throws {
        let exporter = try await Exporter { server in
            "probes:\n" + Self.probe("same", server) + Self.probe("slow", server, interval: "3600s")
                + Self.probe("moved", server) + Self.probe("gone", server)
        }
        for name in ["same", "moved", "gone"] { try await exporter.probes(of: name, more: 2) }
        let before = try await exporter.scrape()
        try exporter.write { server in
            "probes:\n" + Self.probe("same", server) + Self.probe("slow", server)
                + Self.probe("moved", server, path: "/elsewhere") + Self.probe("new", server)
        }
        #expect(try await exporter.reload().status == 200)
        for name in ["same", "slow", "moved", "new"] { try await exporter.probes(of: name, more: 2) }
        let after = try await exporter.scrape()
        for name in ["heartmesh_target_probes_total", "heartmesh_target_probe_duration_seconds_count"] {
            for target in ["same", "moved"] {
                let labels = ["target": target]
                #expect(after.sum(name, labels) >= before.sum(name, labels) + 2)
            }
        }
        #expect(after.sum("heartmesh_target_probe_failures_total") == 0)
        #expect(exporter.requests("/slow") >= 2 && exporter.requests("/elsewhere") >= 2)
        #expect(try after.value("heartmesh_targets", ["channel": "url", "state": "probed"]) == 4)
        let gone = exporter.requests("/gone")
        try await exporter.probes(of: "same", more: 2)
        #expect(exporter.requests("/gone") == gone)
    }

    /// The same target is asked something else, and has another role.
    @Test func aTargetsSettingsChange() async throws {
        let exporter = try await Exporter { "probes:\n" + Self.probe("a", $0) }
        try await exporter.probes(of: "a", more: 2)
        let before = try await exporter.probes(of: "a")
        try exporter.write { "probes:\n" + Self.probe("a", $0, more: ", method: PUT, expect: {status: [404]}") }
        #expect(try await exporter.reload().status == 200)
        try await eventually(within: .seconds(20), "failures of the new expectation") {
            try await exporter.scrape().sum("heartmesh_target_probe_failures_total", ["target": "a"]) >= 2
        }
        #expect(try await exporter.probes(of: "a") >= before + 2)
        #expect(exporter.server.requests.last?.method == "PUT")
        try exporter.write { "probes:\n" + Self.probe("a", $0, more: ", role: egress") }
        #expect(try await exporter.reload().status == 200)
        try await eventually(within: .seconds(20), "probes under the new role") {
            try await exporter.scrape().sum("heartmesh_target_probes_total", ["target": "a", "role": "egress"]) >= 2
        }
    }

    @Test(arguments: ["POST", "PUT", "SIGHUP", "file"]) func eachWayToAsk(_ way: String) async throws {
        let exporter = try await Exporter { "probes:\n" + Self.probe("a", $0) }
        let started = try await exporter.scrape()
        #expect(try started.value("heartmesh_config_last_reload_successful") == 1)
        let name = "heartmesh_config_last_reload_success_timestamp_seconds"
        let time = try #require(try started.value(name))
        #expect(abs(time - Date().timeIntervalSince1970) < 60)
        try exporter.write { "probes:\n" + Self.probe("a", $0) + Self.probe("b", $0) }
        switch way {
        case "SIGHUP": exporter.process.reload()
        case "file": break
        default: #expect(try await exporter.reload(way).status == 200)
        }
        try await exporter.process.waitForLog("msg=\"the configuration was reloaded\"", within: .seconds(20))
        try await exporter.probes(of: "b", more: 2)
        #expect(try #require(try await exporter.scrape().value(name)) > time)
    }

    @Test func withoutTheFlagNobodyMayAsk() async throws {
        let exporter = try await Exporter({ "probes:\n" + Self.probe("a", $0) }, flags: [])
        #expect(try await exporter.reload().status == 403)
        #expect(try await exporter.reload("GET").status == 405)
    }

    /// Syntax, a value, what takes a restart, a secret that is not there: each leaves everything as it is.
    @Test func whatIsWrongChangesNothing() async throws {
        let exporter = try await Exporter { "probes:\n" + Self.probe("a", $0) }
        try await exporter.probes(of: "a", more: 2)
        let file = "\(exporter.folder.path)/heartmesh.yaml"
        let cases = [
            ("probes: [", "\(file):3:1: "), ("peers: {watch: many}\n", "\(file):2:16: peers.watch: "),
            ("mesh: other\n", "\(file):2:7: mesh: can't become \"other\" instead of \"default\""),
            (
                "probes:\n" + Self.probe("b", exporter.server.address, more: ", bearerTokenFile: token"),
                "probes[0].bearerTokenFile: \(exporter.folder.path)/token cannot be read"
            ),
        ]
        for (number, (text, problem)) in cases.enumerated() {
            try exporter.write { _ in text }
            let answer = try await exporter.reload()
            #expect(answer.status == 500 && answer.text.contains(problem), "\(answer.text)")
            try await eventually(within: .seconds(20), "a line of the log for each") {
                exporter.process.errorText.split(separator: "\n").count { $0.contains("was not reloaded") } == number
                    + 1
            }
            let scrape = try await exporter.scrape()
            #expect(try scrape.value("heartmesh_config_last_reload_successful") == 0)
            #expect(try scrape.value("heartmesh_targets", ["channel": "url", "state": "probed"]) == 1)
            try await exporter.probes(of: "a", more: 1)
        }
        // The secret comes later than the file that names it: nobody has to ask again.
        try exporter.folder.write("secret-token\n", "token")
        try await exporter.probes(of: "b", more: 2)
        #expect(try await exporter.scrape().value("heartmesh_config_last_reload_successful") == 1)
        let request = exporter.server.requests.last { $0.path == "/b" }
        #expect(request?.headers["Authorization"] == "Bearer secret-token")
        #expect(!exporter.process.errorText.contains("secret-token"))
        // And it is read again when it changes, as before.
        try exporter.folder.write("another-token\n", "token")
        try await eventually(within: .seconds(20), "the other token") {
            exporter.server.requests.last { $0.path == "/b" }?.headers["Authorization"] == "Bearer another-token"
        }
    }

    /// A hundred times between two configurations, while all of it is probed.
    @Test func againAndAgain() async throws {
        let first: (SocketAddress) -> String = { server in
            "channels: {url: {mode: auto}}\nprobes:\n"
                + (0..<10).map { Self.probe("p\($0)", server) }.joined()
                + "  - {name: port, url: \"tcp://\(server)\", interval: 1s}\n"
        }
        let second: (SocketAddress) -> String = { server in
            "node: {zone: z9}\nprobes:\n"
                + (5..<15).map { Self.probe("p\($0)", server, interval: "2s", path: "/x") }.joined()
                + "  - {name: bad, url: \"http://\(server)/bad\", interval: 1s}\n"
        }
        let exporter = try await Exporter(first)
        func settle() async throws -> (series: Double, targets: Double, descriptors: Int) {
            try await exporter.probes(of: "p5", more: 2)
            // What has gone is shown twice more.
            for _ in 0..<3 { _ = try await exporter.scrape() }
            let scrape = try await exporter.scrape()
            let descriptors = try FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(exporter.process.processID)/fd")
            return (
                try #require(try scrape.value("heartmesh_series")),
                try #require(try scrape.value("heartmesh_targets", ["channel": "url", "state": "probed"])),
                descriptors.count
            )
        }
        // Once there and back: series of reasons and of channels stay for good.
        for (configuration, target) in [(second, "bad"), (first, "port")] {
            try exporter.write(configuration)
            #expect(try await exporter.reload().status == 200)
            try await exporter.probes(of: target, more: 2)
        }
        let before = try await settle()
        for turn in 0..<100 {
            try exporter.write(turn.isMultiple(of: 2) ? second : first)
            #expect(try await exporter.reload().status == 200)
        }
        let after = try await settle()
        #expect(after.series == before.series && after.targets == before.targets && before.targets == 11)
        // A probe may be under way at either time.
        #expect(abs(after.descriptors - before.descriptors) <= 4)
        #expect(exporter.process.exit == nil)
        #expect(try await exporter.scrape().sum("heartmesh_target_probe_failures_total", ["target": "p5"]) == 0)
    }
}
