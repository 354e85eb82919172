internal import Exposition
internal import Mesh
internal import Probing

/// What sequence numbers tell of UDP probes beside success and failure.
///
/// Not for each peer: in a mesh of 20 nodes that would be a tenth of an exporter's series. Which peers fail is in the
/// log and on `/api/v1/targets`.
final class UDPLossMetrics {
    struct Series {
        fileprivate let requests: Counter
        fileprivate let replies: Counter
    }

    private let registry: Registry
    private let node: String
    private let requests: Family
    private let replies: Family
    private let unexpected: [UnexpectedReply: Counter]

    /// - Parameter node: This node, the label `source_node`.
    init(_ registry: Registry, node: String) {
        self.registry = registry
        self.node = node
        let labels = ["channel", "ip_family", "source_node"]
        requests = registry.family(
            "heartmesh_udp_request_lost_total",
            help: "UDP probes that timed out of which the other node has said that they did not arrive.",
            type: .counter, labels: labels, bornAtZero: true)
        replies = registry.family(
            "heartmesh_udp_reply_lost_total",
            help: "UDP probes that timed out of which the other node has said that they arrived.", type: .counter,
            labels: labels, bornAtZero: true)
        let unexpectedFamily = registry.family(
            "heartmesh_udp_unexpected_replies_total",
            help: "UDP datagrams that came and answer no probe under way.", type: .counter,
            labels: ["kind", "source_node"])
        unexpected = Dictionary(
            uniqueKeysWithValues: UnexpectedReply.allCases.map {
                ($0, registry.counter(unexpectedFamily, [$0.rawValue, node]))
            })
    }

    func acquire(_ target: Target) -> Series {
        let labels = [target.channel.rawValue, target.address.family.rawValue, node]
        return Series(requests: registry.counter(requests, labels), replies: registry.counter(replies, labels))
    }

    func release(_ series: Series, at now: Int64) {
        registry.release(series.requests, at: now)
        registry.release(series.replies, at: now)
    }

    func lost(_ series: Series, requests: Int, replies: Int) {
        registry.increment(series.requests, by: Double(requests))
        registry.increment(series.replies, by: Double(replies))
    }

    func received(_ reply: UnexpectedReply) {
        registry.increment(unexpected[reply]!)
    }
}
