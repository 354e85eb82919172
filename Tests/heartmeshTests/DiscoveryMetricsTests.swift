import Discovery
import Exposition
import Reactor
import Support
import Testing

@testable import heartmesh

struct DiscoveryMetricsTests {
    private func resources(_ registry: Registry) throws -> Set<String> {
        var text: [UInt8] = []
        registry.scraped(registry.render(into: &text, at: Instant.now().nanoseconds))
        let scrape = try Scrape(String(decoding: text, as: UTF8.self))
        return Set(scrape.samples.compactMap { $0.labels["resource"] })
    }

    /// A time stamp that grows old would look like a failure.
    @Test func whatIsNotReadAnyMoreHasNoSeries() throws {
        let registry = Registry()
        let metrics = DiscoveryMetrics(registry, peers: .endpointslices, reasons: [.timeout])
        for resource in [DiscoveryResource.services, .nodes] {
            metrics.succeeded(resource, at: 1, invalid: 0)
            metrics.failed(resource, .timeout)
        }
        #expect(try resources(registry) == ["endpointslices", "services", "nodes"])
        metrics.ignore([.nodes, .pods], at: .now())
        metrics.ignore([.nodes, .pods], at: .now())
        // What was under way.
        metrics.succeeded(.nodes, at: 2, invalid: 0)
        metrics.failed(.nodes, .timeout)
        metrics.received(.nodes, bytes: 5)
        for _ in 0..<2 { _ = try resources(registry) }
        #expect(try resources(registry) == ["endpointslices", "services"])
        metrics.ignore([], at: .now())
        metrics.succeeded(.nodes, at: 3, invalid: 0)
        #expect(try resources(registry) == ["endpointslices", "services", "nodes"])
    }
}
