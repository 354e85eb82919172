import Support
import Testing

struct ScrapeTests {
    private let text = """
        # HELP beats_total Beats, "all" of them.
        # TYPE beats_total counter
        # a comment
        beats_total{node="a",zone="z1"} 1
        beats_total{node="b",zone="z1",} 2.5 1700000000000
        beats_total{node="c \\"x\\" \\\\ \\n, }",zone="z2"} 1e3

        # TYPE wait_seconds histogram
        wait_seconds_bucket{le="0.1"} 1
        wait_seconds_bucket{le="+Inf"} 2
        wait_seconds_sum 0.3
        wait_seconds_count 2
        up 1
        limit +Inf
        nothing NaN

        """

    @Test func valuesAreFoundByLabels() throws {
        let scrape = try Scrape(text)
        #expect(scrape.samples.count == 10)
        #expect(try scrape.value("beats_total", ["node": "a"]) == 1)
        #expect(try scrape.value("beats_total", ["node": "b", "zone": "z1"]) == 2.5)
        #expect(try scrape.value("beats_total", ["node": "c \"x\" \\ \n, }"]) == 1000)
        #expect(try scrape.value("beats_total", ["node": "d"]) == nil)
        #expect(try scrape.value("up") == 1)
        #expect(try scrape.value("limit") == .infinity)
        #expect(try scrape.value("nothing")?.isNaN == true)
        #expect(throws: Scrape.Ambiguous.self) { try scrape.value("beats_total", ["zone": "z1"]) }
        #expect(scrape.sum("beats_total", ["zone": "z1"]) == 3.5)
        #expect(scrape.sum("beats_total", ["zone": "z9"]) == 0)
    }

    @Test func anExactMatchIsNotAmbiguous() throws {
        let scrape = try Scrape("a{b=\"1\",c=\"2\"} 1\na{b=\"1\"} 2\n")
        #expect(try scrape.value("a", ["b": "1"]) == 2)
    }

    @Test func familiesHaveTheirSuffixes() throws {
        let scrape = try Scrape(text)
        #expect(scrape.family("wait_seconds").count == 4)
        #expect(scrape.family("beats_total").count == 3)
        #expect(scrape.types == ["beats_total": "counter", "wait_seconds": "histogram"])
        #expect(scrape.help == ["beats_total": "Beats, \"all\" of them."])
    }

    @Test(arguments: [
        "a", "a{", "a{b=\"1\" 1", "a{b=1} 1", "a{b=\"1\"} x", "a{b=\"\\x\"} 1", "a{b=\"1\",b=\"2\"} 1", "a 1 2 3",
        "{} 1", "a{b=\"1\"c=\"2\"} 1",
    ])
    func badLinesAreErrorsWithTheirNumber(line: String) {
        let error = #expect(throws: Scrape.Malformed.self) { try Scrape("up 1\n\(line)\n") }
        #expect(error?.line == 2 && error?.text == line)
    }

    @Test func asksAnExporter() async throws {
        let server = try StubServer(answer: StubServer.response(body: "up 1\n"))
        #expect(try await Scrape.from(server.url + "/metrics").value("up") == 1)
        let broken = try StubServer(answer: StubServer.response(status: 503, reason: "Service Unavailable"))
        await #expect(throws: Scrape.NotOK.self) { try await Scrape.from(broken.url) }
    }
}
