internal import Exposition
internal import Mesh
internal import Probing
internal import Reactor

/// When the certificates of https targets run out. A series is there from the first look on: before it nobody knows, and
/// 0 would have run out long ago.
final class CertificateMetrics {
    struct Series {
        fileprivate let leaf: Gauge
        fileprivate let earliest: Gauge
    }

    private let registry: Registry
    private let node: String
    private let family: Family

    /// - Parameter node: This node, the label `source_node`.
    init(_ registry: Registry, node: String) {
        self.registry = registry
        self.node = node
        family = registry.family(
            "heartmesh_tls_certificate_not_after_timestamp_seconds",
            help: "When the certificate of an https target runs out, of its addresses the first.", type: .gauge,
            labels: ["channel", "target", "chain", "source_node"])
    }

    func acquire(_ target: Target) -> Series {
        func gauge(_ chain: String) -> Gauge {
            registry.gauge(family, [target.channel.rawValue, target.name, chain, node])
        }
        return Series(leaf: gauge("leaf"), earliest: gauge("earliest"))
    }

    /// - Parameter dates: Of all addresses that have this series.
    func show(_ dates: [CertificateDates], _ series: Series) {
        guard let leaf = dates.map(\.leaf).min(), let earliest = dates.map(\.earliest).min() else { return }
        registry.set(series.leaf, to: Double(leaf))
        registry.set(series.earliest, to: Double(earliest))
    }

    func release(_ series: Series, at now: Instant) {
        registry.release(series.leaf, at: now.nanoseconds)
        registry.release(series.earliest, at: now.nanoseconds)
    }
}
