/// The peers that may answer for a Service, and how far each is from this node. Asked for each answer, so it is looked up
/// by the bytes of a node's name, without making a string of them.
package struct Backends: Sendable {
    private let localities: [UInt64: Locality]

    package init() {
        localities = [:]
    }

    /// - Parameters:
    ///   - node: This node, which is a backend itself.
    ///   - zone: Its zone; where there is none, all other nodes are in the same.
    package init(_ topology: Topology, node: String, zone: String) {
        var localities = [stableHash(node): Locality.sameNode]
        for peer in topology.peers where peer.node != node {
            localities[stableHash(peer.node)] = peer.zone == zone ? .sameZone : .otherZone
        }
        self.localities = localities
    }

    /// Whether a peer is on the node whose name has this `stableHash`.
    package func knows(_ hash: UInt64) -> Bool { localities[hash] != nil }

    /// - Parameter node: The bytes of a node's name.
    /// - Returns: Nil when no known peer is on that node.
    package func locality(of node: some Sequence<UInt8>) -> Locality? {
        localities[stableHash(node)]
    }
}

/// Where a backend is, seen from this node; the label `locality`.
package enum Locality: String, CaseIterable, Sendable {
    case sameNode = "same_node"
    case sameZone = "same_zone"
    case otherZone = "other_zone"
}
