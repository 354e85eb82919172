internal import Exposition
internal import Mesh
internal import Probing

/// What the metrics of all probes do not tell of DNS.
final class DNSMetrics {
    private let registry: Registry
    private let node: String
    private let strays: Family
    private let rcodes: Family
    /// Kept for good once they have occurred: targets are as many as the configuration and resolv.conf name, and the rcodes
    /// that have a name are few.
    private var counters: [[String]: Counter] = [:]

    /// - Parameter node: This node, the label `source_node`.
    init(_ registry: Registry, node: String) {
        self.registry = registry
        self.node = node
        strays = registry.family(
            "heartmesh_dns_stray_replies_total",
            help: "Datagrams that came from a DNS server and answered no query that was under way.", type: .counter,
            labels: ["source_node", "target"], bornAtZero: true)
        rcodes = registry.family(
            "heartmesh_dns_rcodes_total", help: "Probes that failed because of the DNS response code.",
            type: .counter, labels: ["source_node", "target", "rcode"], bornAtZero: true)
    }

    func noted(_ target: Target, _ note: DNSNote) {
        switch note {
        case .stray: count(strays, [node, target.name])
        case .rcode(let rcode): count(rcodes, [node, target.name, rcode.name ?? "other"])
        }
    }

    private func count(_ family: Family, _ labels: [String]) {
        let counter = counters[labels] ?? registry.counter(family, labels)
        counters[labels] = counter
        registry.increment(counter)
    }
}
