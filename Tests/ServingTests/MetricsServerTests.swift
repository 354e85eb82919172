import Exposition
import Reactor
import Serving
import Support
import Testing

@Suite struct MetricsServerTests {
    /// What the server's closures look at.
    private final class State {
        var waitsFor: String?
        var prepared = 0
        var node = "node-a"
    }

    private let loop: EventLoop
    private let registry = Registry()
    private let state = State()
    private let server: MetricsServer
    private let port: UInt16
    private let url: String

    init() throws {
        loop = try EventLoop()
        let state = self.state
        server = MetricsServer(
            registry: registry, telemetryPath: "/beats",
            status: {
                MetricsServer.Status(version: "1.2.3", node: state.node, mesh: "default", waitsFor: state.waitsFor)
            }, targets: { #"{"targets":[]}"# + "\n" }, prepare: { state.prepared += 1 })
        port = try FreePort().port
        url = "http://127.0.0.1:\(port)"
        try server.listen(on: ListenAddress("127.0.0.1:\(port)"), loop)
    }

    @Test func givesTheMetricsUnderTheirPath() throws {
        let family = registry.family("beats_total", help: "Beats.", type: .counter)
        registry.increment(registry.counter(family))
        let response = try ask(loop, "\(url)/beats")
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(response.text == "# HELP beats_total Beats.\n# TYPE beats_total counter\nbeats_total 1\n")
        #expect(state.prepared == 1)
        #expect(try ask(loop, "\(url)/metrics").status == 404)
        server.stop()
    }

    /// Neither who asks for the head alone nor who goes away in the middle has seen the last of a series.
    @Test func onlyAPageThatWasSentIsAScrape() throws {
        let family = registry.family("beats_total", help: "Beats.", type: .counter, labels: ["n"])
        // More than a connection takes that nobody reads.
        let filler = String(repeating: "x", count: 10_000)
        for index in 0..<1000 { _ = registry.counter(family, ["\(index)\(filler)"]) }
        registry.release(registry.counter(family, ["gone"]), at: Instant.now().nanoseconds)
        func isShown() throws -> Bool { try ask(loop, "\(url)/beats").text.contains("beats_total{n=\"gone\"} 0\n") }

        for _ in 0..<3 { #expect(try ask(loop, "\(url)/beats", method: "HEAD").status == 200) }
        for _ in 0..<3 {
            let start = try converse(loop, port: port, Array("GET /beats HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            #expect(start.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        #expect(try isShown())
        #expect(try isShown())
        #expect(try !isShown())
        server.stop()
    }

    @Test func isReadyWhenNothingIsWaitedFor() throws {
        state.waitsFor = "the first discovery has not succeeded"
        let early = try ask(loop, "\(url)/-/ready")
        #expect(early.status == 503)
        #expect(early.text == "Heartmesh is not ready: the first discovery has not succeeded.\n")
        #expect(try ask(loop, "\(url)/-/healthy").status == 200)
        state.waitsFor = nil
        #expect(try ask(loop, "\(url)/-/ready").status == 200)
        server.stop()
    }

    @Test func givesTheTargets() throws {
        let response = try ask(loop, "\(url)/api/v1/targets")
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "application/json")
        #expect(response.text == #"{"targets":[]}"# + "\n")
        server.stop()
    }

    @Test func hasALandingPage() throws {
        state.node = "<b>"
        let response = try ask(loop, url)
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(response.text.contains("<a href=\"/beats\">Metrics</a>"))
        #expect(response.text.contains("<dd>&lt;b&gt;</dd>"))
        #expect(!response.text.contains("<b>"))
        server.stop()
    }

    @Test func changesNothing() throws {
        #expect(try ask(loop, "\(url)/beats", method: "POST", body: [1]).status == 405)
        #expect(try ask(loop, "\(url)/beats", method: "PUT").status == 405)
        server.stop()
    }

    @Test(arguments: ["POST", "PUT"]) func reloadsOnlyWhereItMay(_ method: String) throws {
        let refused = try ask(loop, "\(url)/-/reload", method: method)
        #expect(refused.status == 403 && refused.text.contains("--web.enable-lifecycle"))
        var reloads = 0
        var problems: String?
        server.reload = {
            reloads += 1
            return problems
        }
        #expect(try ask(loop, "\(url)/-/reload", method: method).status == 200)
        #expect(reloads == 1)
        problems = "heartmesh.yaml:2:3: wrong"
        let failed = try ask(loop, "\(url)/-/reload", method: method)
        #expect(failed.status == 500)
        #expect(failed.text == "The configuration was not reloaded, the old one stays:\nheartmesh.yaml:2:3: wrong\n")
        for other in ["GET", "HEAD", "DELETE"] {
            #expect(try ask(loop, "\(url)/-/reload", method: other).status == 405)
        }
        #expect(reloads == 2)
        server.stop()
    }
}
