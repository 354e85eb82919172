/// The plan of one exporter: from the topology to the targets that it probes.
package struct Plan {
    package struct Settings: Sendable {
        package var fullMeshLimit = 20
        package var watch = 16
        /// By channel, how it is probed; a channel that is not here is off.
        package var protocols = Dictionary(uniqueKeysWithValues: Channel.allCases.map { ($0, $0.defaultProtocols) })
        /// By channel, the bytes of a large payload each way; without one, probes are small only.
        package var largePayloads: [Channel: Int] = [:]
        /// Channels that must have something to probe.
        package var required: Set<Channel> = []
        /// Of the channel `node`: a port that every node listens on. The default is the kubelet's.
        package var nodePort: UInt16 = 10250

        package init() {}
    }

    /// What a new topology changes in the plan.
    package struct Change: Equatable {
        package var removed: [Target] = []
        package var added: [Target] = []

        package var isEmpty: Bool { removed.isEmpty && added.isEmpty }
    }

    package let node: String
    /// As configured, otherwise as discovered; empty where there are none.
    package private(set) var zone: String
    package private(set) var topology = Topology([])
    /// The nodes whose peers are probed at full rate, in order. Not this node's own.
    package private(set) var watched: [String] = []
    package private(set) var targets: Set<Target> = []
    /// What there is and is not probed, and why.
    package private(set) var unprobed: [Unprobed] = []

    let settings: Settings
    private let hasConfiguredZone: Bool

    package init(node: String, zone: String, settings: Settings) {
        self.node = node
        self.zone = zone
        self.settings = settings
        hasConfiguredZone = !zone.isEmpty
    }

    /// Peers without this node's own.
    package var peers: [Peer] { topology.peers.filter { $0.node != node } }

    package var backends: Backends { Backends(topology, node: node, zone: zone) }

    /// Takes a new topology.
    ///
    /// - Returns: What becomes of the targets: those of the peers in the order of their nodes, then those of services. When
    ///   this node's own zone changes, all of them are replaced: it is part of their series.
    package mutating func replace(_ topology: Topology) -> Change {
        let oldZone = zone
        self.topology = topology
        if !hasConfiguredZone, let own = topology[node] { zone = own.zone }

        let chosen = watchSet(
            of: node, among: topology.peers.map(\.node), fullMeshLimit: settings.fullMeshLimit, rings: settings.watch)
        watched = chosen.sorted()
        let (planned, unprobed) = aims()
        self.unprobed = unprobed
        let old = zone == oldZone ? targets : []
        let removed = targets.subtracting(zone == oldZone ? planned : [])
        targets = Set(planned)
        return Change(
            removed: removed.sorted { ($0.node, $0.name, $0.place) < ($1.node, $1.name, $1.place) },
            added: planned.filter { !old.contains($0) })
    }
}
