import Testing

@testable import Exposition

struct RegistryTests {
    private let registry = Registry()

    @Test func `the same label values are the same series`() {
        let family = registry.family("x_total", help: "X.", type: .counter, labels: ["a", "b"])
        let first = registry.counter(family, ["1", "2"])
        let second = registry.counter(family, ["1", "2"])
        #expect(first == second)
        #expect(registry.seriesCount == 1)
        registry.increment(first)
        registry.increment(second)
        #expect(registry.samples() == [#"x_total{a="1",b="2"} 2"#])
    }

    @Test func `other label values are another series`() {
        let family = registry.family("x", help: "X.", type: .gauge, labels: ["a", "b"])
        registry.set(registry.gauge(family, ["1", ""]), to: 1)
        registry.set(registry.gauge(family, ["", "1"]), to: 2)
        registry.set(registry.gauge(family, ["", ""]), to: 3)
        #expect(registry.samples() == ["x 3", #"x{a="1"} 1"#, #"x{b="1"} 2"#])
    }

    @Test func `families do not share series`() {
        let first = registry.family("x", help: "X.", type: .gauge, labels: ["a"])
        let second = registry.family("y", help: "Y.", type: .gauge, labels: ["a"])
        registry.set(registry.gauge(first, ["1"]), to: 1)
        registry.set(registry.gauge(second, ["1"]), to: 2)
        #expect(registry.samples() == [#"x{a="1"} 1"#, #"y{a="1"} 2"#])
    }

    @Test func `each line is a series`() {
        let counter = registry.family("c_total", help: "C.", type: .counter)
        let summary = registry.family("s", help: "S.", type: .summary)
        let histogram = registry.family("h", help: "H.", type: .histogram, buckets: [1, 2, 3])
        #expect(registry.seriesCount == 0)
        _ = registry.counter(counter)
        #expect(registry.seriesCount == 1)
        _ = registry.summary(summary)
        #expect(registry.seriesCount == 3)
        _ = registry.histogram(histogram)
        #expect(registry.seriesCount == 9)
        #expect(registry.samples().count == 9)
    }

    @Test func `many series keep their values`() {
        let family = registry.family("x", help: "X.", type: .gauge, labels: ["n"])
        let gauges = (0..<5000).map { registry.gauge(family, [String($0 * 7919 % 5000)]) }
        for (index, gauge) in gauges.enumerated() { registry.set(gauge, to: Double(index * 7919 % 5000)) }
        let samples = registry.samples()
        #expect(samples.count == 5000)
        #expect(samples == (0..<5000).map { "x{n=\"\($0)\"} \($0)" }.sorted())
    }

    @Test func `a bad family traps`() async {
        await #expect(processExitsWith: .failure) {
            _ = Registry().family("x", help: "A counter without _total.", type: .counter)
        }
    }

    @Test func `a taken name traps`() async {
        await #expect(processExitsWith: .failure) {
            let registry = Registry()
            _ = registry.family("x", help: "X.", type: .gauge)
            _ = registry.family("x", help: "X.", type: .gauge)
        }
    }

    @Test func `a wrong number of label values traps`() async {
        await #expect(processExitsWith: .failure) {
            let registry = Registry()
            let family = registry.family("x", help: "X.", type: .gauge, labels: ["a", "b"])
            _ = registry.gauge(family, ["1"])
        }
    }

    @Test func `a handle of another type traps`() async {
        await #expect(processExitsWith: .failure) {
            let registry = Registry()
            let family = registry.family("x", help: "X.", type: .gauge)
            _ = registry.summary(family)
        }
    }
}
