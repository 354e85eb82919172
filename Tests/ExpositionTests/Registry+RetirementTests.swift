import Testing

@testable import Exposition

struct RegistryRetirementTests {
    private let registry = Registry(retention: 100)
    private let family: Family

    init() {
        family = registry.family("x_total", help: "X.", type: .counter, labels: ["n"])
    }

    @Test func `a series is shown twice after its release`() {
        let counter = registry.counter(family, ["1"])
        registry.increment(counter)
        #expect(registry.samples(at: 0).count == 1)
        registry.release(counter, at: 1)
        #expect(registry.samples(at: 2) == [#"x_total{n="1"} 1"#])
        #expect(registry.seriesCount == 1)
        #expect(registry.samples(at: 3) == [#"x_total{n="1"} 1"#])
        #expect(registry.seriesCount == 0)
        #expect(registry.samples(at: 4) == [])
    }

    @Test func `only the last release counts`() {
        let first = registry.counter(family, ["1"])
        let second = registry.counter(family, ["1"])
        registry.release(first, at: 0)
        for _ in 0..<5 { #expect(registry.samples(at: 1).count == 1) }
        registry.increment(second)
        registry.release(second, at: 2)
        #expect(registry.samples(at: 3) == [#"x_total{n="1"} 1"#])
    }

    @Test func `a revived series keeps its value and its place`() {
        let first = registry.counter(family, ["1"])
        registry.increment(first, by: 5)
        registry.release(first, at: 0)
        _ = registry.text(at: 1)
        let second = registry.counter(family, ["1"])
        #expect(second != first)
        registry.increment(second)
        for now in 2..<300 { #expect(registry.samples(at: Int64(now)) == [#"x_total{n="1"} 6"#]) }
        // The scrapes of its first retirement do not count for the second.
        registry.release(second, at: 300)
        #expect(registry.samples(at: 301).count == 1)
        #expect(registry.samples(at: 302).count == 1)
        #expect(registry.samples(at: 303).count == 0)
    }

    @Test func `nobody scrapes and the retention ends it`() {
        let first = registry.counter(family, ["1"])
        let second = registry.counter(family, ["2"])
        let third = registry.counter(family, ["3"])
        registry.release(first, at: 0)
        registry.release(second, at: 50)
        registry.release(third, at: 99)
        #expect(registry.seriesCount == 3)
        registry.release(registry.counter(family, ["4"]), at: 100)
        #expect(registry.seriesCount == 3)
        #expect(registry.samples(at: 150) == [#"x_total{n="3"} 0"#, #"x_total{n="4"} 0"#])
    }

    @Test func `a page that was not given out is no scrape`() {
        let births = registry.family("y_total", help: "Y.", type: .counter, labels: ["n"], bornAtZero: true)
        registry.increment(registry.counter(births, ["1"]))
        registry.release(registry.counter(family, ["1"]), at: 0)
        for _ in 0..<5 { _ = registry.page(at: 1) }
        #expect(registry.samples(at: 2) == [#"x_total{n="1"} 0"#, #"y_total{n="1"} 0"#])
        for _ in 0..<5 { _ = registry.page(at: 3) }
        #expect(registry.samples(at: 4) == [#"x_total{n="1"} 0"#, #"y_total{n="1"} 1"#])
        #expect(registry.samples(at: 5) == [#"y_total{n="1"} 1"#])
    }

    @Test func `a page counts for what it has shown`() {
        let births = registry.family("y_total", help: "Y.", type: .counter, labels: ["n"], bornAtZero: true)
        let old = registry.counter(family, ["1"])
        let slow = registry.page(at: 0)
        // While it is under way.
        registry.release(old, at: 1)
        registry.increment(registry.counter(births, ["1"]))
        registry.scraped(slow)
        for now in 2..<4 {
            #expect(registry.samples(at: Int64(now)) == [#"x_total{n="1"} 0"#, #"y_total{n="1"} \#(now - 2)"#])
        }
        #expect(registry.samples(at: 4) == [#"y_total{n="1"} 1"#])
    }

    @Test func `two scrapers see the last of a series, each once`() {
        let counter = registry.counter(family, ["1"])
        for _ in 0..<2 { _ = registry.samples(at: 0) }
        registry.increment(counter)
        registry.release(counter, at: 1)
        let pages = (0..<2).map { _ in registry.page(at: 2) }
        for page in pages { registry.scraped(page) }
        #expect(registry.seriesCount == 0)
        #expect(registry.samples(at: 3) == [])
    }

    @Test func `it goes without a scrape, too`() {
        registry.release(registry.counter(family, ["1"]), at: 0)
        registry.removeExpired(at: 99)
        #expect(registry.seriesCount == 1)
        registry.removeExpired(at: 100)
        #expect(registry.seriesCount == 0)
        // Then it is another one.
        registry.increment(registry.counter(family, ["1"]), by: 2)
        #expect(registry.samples(at: 101) == [#"x_total{n="1"} 2"#])
    }

    @Test func `endless births without scrapes are bounded`() {
        let births = registry.family("y_total", help: "Y.", type: .counter, labels: ["n"], bornAtZero: true)
        for index in 0..<1000 { registry.release(registry.counter(births, ["\(index)"]), at: Int64(index)) }
        #expect(registry.newborns.count == 100)
        #expect(Set(registry.newborns).count == 100)
    }

    @Test func `endless churn without scrapes is bounded`() {
        for index in 0..<10_000 {
            registry.release(registry.counter(family, ["\(index)"]), at: Int64(index))
        }
        #expect(registry.seriesCount == 100)
        #expect(registry.values.count <= 102)
        #expect(registry.series.count <= 102)
    }

    @Test func `a new series in a used slot starts at zero`() {
        let buckets = registry.family("h", help: "H.", type: .histogram, labels: ["n"], buckets: [1])
        let old = registry.histogram(buckets, ["1"])
        registry.observe(old, 0.5)
        registry.observe(old, 2)
        registry.release(old, at: 0)
        _ = registry.text(at: 1)
        #expect(registry.seriesCount == 4)
        _ = registry.text(at: 2)
        #expect(registry.seriesCount == 0)
        let new = registry.histogram(buckets, ["2"])
        #expect(new.id.slot == old.id.slot)
        #expect(new != old)
        #expect(
            registry.samples(at: 3) == [
                #"h_bucket{n="2",le="1"} 0"#, #"h_bucket{n="2",le="+Inf"} 0"#, #"h_sum{n="2"} 0"#, #"h_count{n="2"} 0"#,
            ])
        registry.observe(new, 3)
        #expect(registry.samples(at: 4).last == #"h_count{n="2"} 1"#)
    }

    @Test func `one scrape ends the birth of all newborns`() {
        let reasons = registry.family("y_total", help: "Y.", type: .counter, labels: ["reason"], bornAtZero: true)
        for reason in ["timeout", "refused", "reset"] { registry.increment(registry.counter(reasons, [reason])) }
        #expect(registry.newborns.count == 3)
        #expect(registry.samples(at: 0).allSatisfy { $0.hasSuffix(" 0") })
        #expect(registry.newborns.isEmpty)
        #expect(registry.samples(at: 1).allSatisfy { $0.hasSuffix(" 1") })
    }

    @Test func `the neighbours of a removed series stay`() {
        let counters = (0..<9).map { registry.counter(family, ["\($0)"]) }
        for (index, counter) in counters.enumerated() { registry.increment(counter, by: Double(index)) }
        for index in [0, 4, 8] { registry.release(counters[index], at: 0) }
        #expect(registry.samples(at: 1).count == 9)
        #expect(registry.samples(at: 2).count == 9)
        registry.increment(counters[5])
        let kept = [(1, 1), (2, 2), (3, 3), (5, 6), (6, 6), (7, 7)]
        #expect(registry.samples(at: 3) == kept.map { "x_total{n=\"\($0)\"} \($1)" })
    }

    #if DEBUG
        @Test func `a stale handle traps`() async {
            await #expect(processExitsWith: .failure) {
                let registry = Registry()
                let counter = registry.counter(registry.family("x_total", help: "X.", type: .counter))
                registry.release(counter, at: 0)
                registry.increment(counter)
            }
        }

        @Test func `a handle of a former life traps`() async {
            await #expect(processExitsWith: .failure) {
                let registry = Registry()
                let family = registry.family("x_total", help: "X.", type: .counter)
                let former = registry.counter(family)
                registry.release(former, at: 0)
                _ = registry.counter(family)
                registry.increment(former)
            }
        }

        @Test func `a second release traps`() async {
            await #expect(processExitsWith: .failure) {
                let registry = Registry()
                let counter = registry.counter(registry.family("x_total", help: "X.", type: .counter))
                registry.release(counter, at: 0)
                registry.release(counter, at: 0)
            }
        }
    #else
        @Test func `a stale handle does not touch the next tenant`() {
            let stale = registry.counter(family, ["1"])
            registry.release(stale, at: 0)
            _ = registry.text(at: 1)
            _ = registry.text(at: 2)
            let tenant = registry.counter(family, ["2"])
            #expect(tenant.id.slot == stale.id.slot)
            registry.increment(stale)
            registry.release(stale, at: 3)
            for now in 4..<9 { #expect(registry.samples(at: Int64(now)) == [#"x_total{n="2"} 0"#]) }
        }
    #endif
}
