import Exposition
import Testing

struct RegistryUpdatesTests {
    private let registry = Registry()

    @Test func `counters add up`() {
        let counter = registry.counter(registry.family("x_total", help: "X.", type: .counter))
        registry.increment(counter)
        registry.increment(counter, by: 0)
        registry.increment(counter, by: 2.5)
        #expect(registry.samples() == ["x_total 3.5"])
    }

    @Test func `an absolute counter does not go backwards`() {
        let counter = registry.counter(registry.family("x_total", help: "X.", type: .counter))
        registry.set(counter, to: 12.25)
        registry.set(counter, to: 12)
        #expect(registry.samples() == ["x_total 12.25"])
        registry.set(counter, to: 13)
        #expect(registry.samples() == ["x_total 13"])
    }

    @Test(arguments: [(-1.5, "-1.5"), (.nan, "NaN"), (-Double.infinity, "-Inf"), (1e300, "1e+300"), (0, "0")])
    func `gauges take any double`(value: Double, expected: String) {
        let gauge = registry.gauge(registry.family("x", help: "X.", type: .gauge))
        registry.set(gauge, to: 7)
        registry.set(gauge, to: value)
        #expect(registry.samples() == ["x \(expected)"])
    }

    /// The edges are 1, 2 and 4. What counts is the first bucket that has the observation.
    @Test(arguments: [
        (0, 0), (1, 0), (1.0.nextUp, 1), (2, 1), (3, 2), (4, 2), (4.0.nextUp, 3), (1e300, 3),
        (.leastNonzeroMagnitude, 0),
    ])
    func `an edge belongs to its bucket`(seconds: Double, bucket: Int) {
        let family = registry.family("x", help: "X.", type: .histogram, buckets: [1, 2, 4])
        registry.observe(registry.histogram(family), seconds)
        let counts = registry.samples().prefix(4).map { $0.hasSuffix(" 1") }
        #expect(counts == (0..<4).map { $0 >= bucket })
    }

    @Test func `histograms keep to their own edges`() {
        let wide = registry.family("a", help: "A.", type: .histogram, buckets: [100])
        let narrow = registry.family("b", help: "B.", type: .histogram, labels: ["n"], buckets: [1, 2])
        let handles = [registry.histogram(wide), registry.histogram(narrow, ["1"]), registry.histogram(narrow, ["2"])]
        for (index, handle) in handles.enumerated() { registry.observe(handle, Double(index) + 1) }
        #expect(
            registry.samples() == [
                #"a_bucket{le="100"} 1"#, #"a_bucket{le="+Inf"} 1"#, "a_sum 1", "a_count 1",
                #"b_bucket{n="1",le="1"} 0"#, #"b_bucket{n="1",le="2"} 1"#, #"b_bucket{n="1",le="+Inf"} 1"#,
                #"b_sum{n="1"} 2"#, #"b_count{n="1"} 1"#,
                #"b_bucket{n="2",le="1"} 0"#, #"b_bucket{n="2",le="2"} 0"#, #"b_bucket{n="2",le="+Inf"} 1"#,
                #"b_sum{n="2"} 3"#, #"b_count{n="2"} 1"#,
            ])
    }

    @Test func `summaries have a sum and a count`() {
        let summary = registry.summary(registry.family("x_seconds", help: "X.", type: .summary))
        registry.observe(summary, 0.25)
        registry.observe(summary, 0.5)
        #expect(registry.samples() == ["x_seconds_sum 0.75", "x_seconds_count 2"])
    }

    #if DEBUG
        @Test func `a negative amount traps`() async {
            await #expect(processExitsWith: .failure) {
                let registry = Registry()
                registry.increment(registry.counter(registry.family("x_total", help: "X.", type: .counter)), by: -1)
            }
        }

        @Test func `a duration that is not a number traps`() async {
            await #expect(processExitsWith: .failure) {
                let registry = Registry()
                registry.observe(registry.summary(registry.family("x", help: "X.", type: .summary)), .nan)
            }
        }
    #else
        @Test(arguments: [-1, .nan, .infinity, -Double.infinity])
        func `no amount spoils a counter`(amount: Double) {
            let counter = registry.counter(registry.family("x_total", help: "X.", type: .counter))
            let summary = registry.summary(registry.family("x_seconds", help: "X.", type: .summary))
            let family = registry.family("y_seconds", help: "Y.", type: .histogram, buckets: [1])
            let histogram = registry.histogram(family)
            let before = registry.text()
            registry.increment(counter, by: amount)
            registry.set(counter, to: amount)
            registry.observe(summary, amount)
            registry.observe(histogram, amount)
            #expect(registry.text() == before)
        }
    #endif
}
