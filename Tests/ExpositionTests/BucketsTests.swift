import Exposition
import Testing

struct BucketsTests {
    @Test(arguments: [Buckets.latency, Buckets.lag])
    func `edges make a histogram`(edges: [Double]) {
        let registry = Registry()
        let family = registry.family("x_seconds", help: "X.", type: .histogram, buckets: edges)
        _ = registry.histogram(family)
        #expect(registry.seriesCount == edges.count + 3)
    }

    /// The kernel's times of the second, third and fourth SYN, old kernels' included, and a round trip after each.
    @Test(arguments: [(0.0, 0.01), (1.0, 1.1), (2.05, 2.15), (3.0, 3.18)])
    func `a lost SYN has a bucket of its own`(fastest: Double, slowest: Double) {
        let modes = [0.5, 1.5, 2.5, 3.5]
        #expect(modes.allSatisfy(Buckets.latency.contains))
        let bucket = { (seconds: Double) in modes.firstIndex { seconds <= $0 } }
        #expect(bucket(fastest) == bucket(slowest))
        #expect(bucket(fastest) == Int(fastest))
    }

    @Test func `edges are the contract`() {
        #expect(Buckets.latency.count == 15)
        #expect(Buckets.latency.first == 0.0001)
        #expect(Buckets.latency.last == 3.5)
        #expect(Buckets.lag.count == 12)
        #expect(Buckets.lag.first == 0.0005)
        #expect(Buckets.lag.last == 2.5)
    }
}
