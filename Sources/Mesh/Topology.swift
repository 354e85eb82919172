/// What discovery found: an immutable snapshot of the mesh's peers, this node's own among them, and of the other ways that
/// lead to them.
package struct Topology: Equatable, Sendable {
    /// In the order of their nodes' names, one for each node.
    package let peers: [Peer]
    package let services: [Service]

    /// Several peers of one node are one: the first that is active, or else not ready, or else draining.
    ///
    /// During a rollout a node has two for a moment: the one that is ending and the one that starts. The addresses are
    /// those of one pod; the other one's would be probed for nothing.
    package init(_ peers: [Peer], services: [Service] = []) {
        var best: [String: Peer] = [:]
        for peer in peers {
            if let other = best[peer.node], other.state <= peer.state { continue }
            best[peer.node] = peer
        }
        self.peers = best.values.sorted { $0.node < $1.node }
        self.services = services
    }

    private init(peers: [Peer], services: [Service]) {
        self.peers = peers
        self.services = services
    }

    /// The same with more services, which are not discovered.
    package func adding(_ services: [Service]) -> Topology {
        Topology(peers: peers, services: self.services + services)
    }

    package subscript(node: String) -> Peer? {
        let index = peers.partitionPoint { $0.node < node }
        return index < peers.count && peers[index].node == node ? peers[index] : nil
    }
}

/// The exporter on a node.
package struct Peer: Hashable, Sendable {
    package let node: String
    /// Empty where the cluster has no zones.
    package let zone: String
    /// In the order of discovery, each once.
    package let addresses: [IPAddress]
    package let port: UInt16
    package let state: PeerState
    /// The node's own addresses, where they are known.
    package let nodeAddresses: [IPAddress]
    /// The addresses of the pod's secondary interfaces, where they are known.
    package let networks: [NetworkAddress]
    /// The pod's UID, another one after each start; empty where there is none.
    package let pod: String

    package init(
        node: String, zone: String, addresses: [IPAddress], port: UInt16, state: PeerState = .active,
        nodeAddresses: [IPAddress] = [], networks: [NetworkAddress] = [], pod: String = ""
    ) {
        self.node = node
        self.zone = zone
        self.addresses = addresses.uniqued()
        self.port = port
        self.state = state
        self.nodeAddresses = nodeAddresses.uniqued()
        self.networks = networks.uniqued()
        self.pod = pod
    }
}

/// An address in a secondary network.
package struct NetworkAddress: Hashable, Sendable {
    /// Its name as multus has it: `heartmesh/storage-net`.
    package let network: String
    package let address: IPAddress

    package init(network: String, address: IPAddress) {
        self.network = network
        self.address = address
    }
}

/// The label `state` of peers, the best first.
package enum PeerState: Int, CaseIterable, Comparable, Sendable {
    case active, notReady
    /// It has just come, and has not answered yet.
    case warming
    /// It is shutting down.
    case draining
    /// It is no peer any more.
    case gone

    package var label: String {
        switch self {
        case .active: "active"
        case .notReady: "not_ready"
        case .warming: "warming"
        case .draining: "draining"
        case .gone: "gone"
        }
    }

    /// Whether a failed probe of such a peer is a failure of the network.
    ///
    /// A node whose network dies turns NotReady and must not vanish from the mesh because of it; one that comes or goes by
    /// itself fails for a reason that wakes nobody.
    package var failuresCount: Bool { self == .active || self == .notReady }

    package static func < (left: PeerState, right: PeerState) -> Bool { left.rawValue < right.rawValue }
}

extension Array where Element: Hashable {
    /// Each once, in the order of their first places.
    func uniqued() -> [Element] {
        if count < 16 { return reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Array {
    /// The first index whose element does not fulfil the condition, in an array where those that do come first.
    func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var range = startIndex..<endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = isBefore(self[middle]) ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}
