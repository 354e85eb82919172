internal import Exposition
internal import Probing

/// What comes over ICMP beside success and failure.
final class ICMPMetrics {
    private let registry: Registry
    private let node: String
    private let family: Family
    /// None before there was a target.
    private var unexpected: [UnexpectedReply: Counter] = [:]

    /// - Parameter node: This node, the label `source_node`.
    init(_ registry: Registry, node: String) {
        self.registry = registry
        self.node = node
        family = registry.family(
            "heartmesh_icmp_unexpected_replies_total",
            help: "ICMP echo replies that came and answer no probe under way.", type: .counter,
            labels: ["kind", "source_node"])
    }

    /// There is a target: whoever asks for none has no series either.
    func begin() {
        if !unexpected.isEmpty { return }
        unexpected = Dictionary(
            uniqueKeysWithValues: UnexpectedReply.allCases.map {
                ($0, registry.counter(family, [$0.rawValue, node]))
            })
    }

    func received(_ reply: UnexpectedReply) {
        guard let counter = unexpected[reply] else { preconditionFailure("a reply, and there was no target") }
        registry.increment(counter)
    }
}
