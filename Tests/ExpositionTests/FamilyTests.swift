import Testing

@testable import Exposition

struct FamilyTests {
    private func fault(
        _ name: String = "x_seconds", help: String = "X.", type: MetricType = .gauge, labels: [String] = [],
        buckets: [Double] = [], bornAtZero: Bool = false
    ) -> String? {
        Family.fault(name: name, help: help, type: type, labels: labels, buckets: buckets, bornAtZero: bornAtZero)
    }

    @Test(arguments: ["x", "_x", "X9_y", "heartmesh_peers"])
    func `good names are accepted`(name: String) {
        #expect(fault(name) == nil)
        #expect(fault(labels: [name]) == nil)
    }

    @Test(arguments: ["", "9x", "x-y", "x y", "x:y", "é", "x\n", "x."])
    func `bad names are refused`(name: String) {
        #expect(fault(name) != nil)
        #expect(fault(labels: [name]) != nil)
    }

    @Test(arguments: ["__x", "le", "quantile"])
    func `labels of the format are refused`(label: String) {
        #expect(fault(labels: [label]) != nil)
    }

    @Test func `a label is there once`() {
        #expect(fault(labels: ["a", "b"]) == nil)
        #expect(fault(labels: ["a", "b", "a"]) != nil)
    }

    @Test func `counters and only counters end in _total`() {
        #expect(fault("x_total", type: .counter) == nil)
        #expect(fault("x", type: .counter) != nil)
        #expect(fault("x_total", type: .gauge) != nil)
        #expect(fault("x_total", type: .histogram, buckets: [1]) != nil)
    }

    @Test(arguments: ["x_bucket", "x_sum", "x_count"])
    func `names of a histogram's samples are refused`(name: String) {
        #expect(fault(name) != nil)
    }

    @Test func `help is not empty`() {
        #expect(fault(help: "") != nil)
    }

    @Test func `histograms and only histograms have buckets`() {
        #expect(fault(type: .histogram, buckets: [0.1]) == nil)
        #expect(fault(type: .histogram) != nil)
        #expect(fault(type: .summary) == nil)
        #expect(fault(type: .summary, buckets: [0.1]) != nil)
    }

    @Test(arguments: [[1, 1], [2, 1], [1, Double.infinity], [.nan], [-Double.infinity, 0]] as [[Double]])
    func `edges are finite and ascending`(buckets: [Double]) {
        #expect(fault(type: .histogram, buckets: buckets) != nil)
    }

    @Test func `only counters are born at zero`() {
        #expect(fault("x_total", type: .counter, bornAtZero: true) == nil)
        #expect(fault(type: .gauge, bornAtZero: true) != nil)
    }

    @Test func `a family counts its values and its lines`() {
        let registry = Registry()
        let gauge = registry.family("g", help: "G.", type: .gauge)
        let summary = registry.family("s", help: "S.", type: .summary)
        let histogram = registry.family("h", help: "H.", type: .histogram, buckets: [1, 2])
        #expect([gauge.width, gauge.linesPerSeries] == [1, 1])
        #expect([summary.width, summary.linesPerSeries] == [2, 2])
        #expect([histogram.width, histogram.linesPerSeries] == [4, 5])
    }
}
