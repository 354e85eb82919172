import Exposition
import Testing

struct RegistryRenderTests {
    private let registry = Registry()

    @Test func `the text of each type`() {
        let counter = registry.family("probes_total", help: "Probes.", type: .counter, labels: ["channel", "node"])
        let gauge = registry.family("peers", help: "Peers.", type: .gauge)
        let histogram = registry.family(
            "duration_seconds", help: "Latency.", type: .histogram, labels: ["channel"], buckets: [0.0001, 0.5, 1])
        let summary = registry.family("peer_seconds", help: "Latency.", type: .summary, labels: ["node"])
        registry.increment(registry.counter(counter, ["pod", "a"]), by: 3)
        registry.set(registry.gauge(gauge), to: 31)
        let latency = registry.histogram(histogram, ["pod"])
        for seconds in [0.00005, 0.25, 0.25, 2.5] { registry.observe(latency, seconds) }
        registry.observe(registry.summary(summary, ["a"]), 0.125)
        #expect(
            registry.text() == """
                # HELP probes_total Probes.
                # TYPE probes_total counter
                probes_total{channel="pod",node="a"} 3
                # HELP peers Peers.
                # TYPE peers gauge
                peers 31
                # HELP duration_seconds Latency.
                # TYPE duration_seconds histogram
                duration_seconds_bucket{channel="pod",le="0.0001"} 1
                duration_seconds_bucket{channel="pod",le="0.5"} 3
                duration_seconds_bucket{channel="pod",le="1"} 3
                duration_seconds_bucket{channel="pod",le="+Inf"} 4
                duration_seconds_sum{channel="pod"} 3.00005
                duration_seconds_count{channel="pod"} 4
                # HELP peer_seconds Latency.
                # TYPE peer_seconds summary
                peer_seconds_sum{node="a"} 0.125
                peer_seconds_count{node="a"} 1

                """)
    }

    @Test func `a histogram without labels has le alone`() {
        let family = registry.family("x", help: "X.", type: .histogram, buckets: [1])
        registry.observe(registry.histogram(family), 1)
        #expect(registry.samples() == [#"x_bucket{le="1"} 1"#, #"x_bucket{le="+Inf"} 1"#, "x_sum 1", "x_count 1"])
    }

    @Test func `a family without series has its help and type`() {
        _ = registry.family("x_total", help: "A \"b\" \\ c\nd.", type: .counter, labels: ["a"])
        #expect(registry.text() == "# HELP x_total A \"b\" \\\\ c\\nd.\n# TYPE x_total counter\n")
    }

    @Test func `labels are escaped on the page`() {
        let family = registry.family("x", help: "X.", type: .gauge, labels: ["a"])
        _ = registry.gauge(family, ["one\ntwo \"three\" \\"])
        #expect(registry.samples() == [#"x{a="one\ntwo \"three\" \\"} 0"#])
    }

    @Test func `families keep the order of registration and series are sorted`() {
        let second = registry.family("b", help: "B.", type: .gauge, labels: ["n"])
        let first = registry.family("a", help: "A.", type: .gauge, labels: ["n"])
        for name in ["m", "z", "a", "zz", "A"] {
            _ = registry.gauge(first, [name])
            _ = registry.gauge(second, [name])
        }
        let names = ["A", "a", "m", "z", "zz"]
        #expect(registry.samples() == names.map { "b{n=\"\($0)\"} 0" } + names.map { "a{n=\"\($0)\"} 0" })
    }

    @Test func `a counter born at zero is shown at zero first`() {
        let family = registry.family("x_total", help: "X.", type: .counter, labels: ["reason"], bornAtZero: true)
        let timeout = registry.counter(family, ["timeout"])
        registry.increment(timeout)
        #expect(registry.samples() == [#"x_total{reason="timeout"} 0"#])
        registry.increment(timeout)
        let refused = registry.counter(family, ["refused"])
        registry.increment(refused)
        #expect(registry.samples() == [#"x_total{reason="refused"} 0"#, #"x_total{reason="timeout"} 2"#])
        #expect(registry.samples() == [#"x_total{reason="refused"} 1"#, #"x_total{reason="timeout"} 2"#])
    }

    @Test func `a revived counter is not born again and a removed one is`() {
        let family = registry.family("x_total", help: "X.", type: .counter, bornAtZero: true)
        let first = registry.counter(family)
        registry.increment(first)
        registry.release(first, at: 0)
        #expect(registry.samples() == ["x_total 0"])
        let second = registry.counter(family)
        registry.increment(second)
        #expect(registry.samples() == ["x_total 2"])
        registry.release(second, at: 0)
        #expect(registry.samples() == ["x_total 2"])
        #expect(registry.samples() == ["x_total 2"])
        #expect(registry.samples() == [])
        registry.increment(registry.counter(family))
        #expect(registry.samples() == ["x_total 0"])
        #expect(registry.samples() == ["x_total 1"])
    }

    @Test func `a counter that is not born at zero is shown as it is`() {
        let family = registry.family("x_total", help: "X.", type: .counter)
        registry.increment(registry.counter(family))
        #expect(registry.samples() == ["x_total 1"])
    }

    @Test func `the buffer is replaced and keeps its capacity`() {
        let family = registry.family("x", help: "X.", type: .gauge, labels: ["n"])
        for index in 0..<100 { _ = registry.gauge(family, ["\(index)"]) }
        var output = Array("left from another scrape".utf8)
        output.reserveCapacity(100_000)
        let capacity = output.capacity
        registry.scraped(registry.render(into: &output, at: 0))
        let expected = output
        registry.scraped(registry.render(into: &output, at: 1))
        #expect(output == expected)
        #expect(output.starts(with: "# HELP x X.\n".utf8))
        #expect(output.capacity == capacity)
    }

    @Test func `the content type is that of the text format`() {
        #expect(Registry.contentType == "text/plain; version=0.0.4; charset=utf-8")
    }
}
