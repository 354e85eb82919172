/// The plan of one exporter: from the topology to the targets that it probes.
package struct Plan {
    package struct Settings: Sendable {
        package var fullMeshLimit = 32
        package var watch = 16
        /// The pod channel's protocols; empty: the channel is off.
        package var podProtocols: [ProbeProtocol] = [.http]

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
    package private(set) var targets: Set<Target> = []

    private let settings: Settings
    private let hasConfiguredZone: Bool

    package init(node: String, zone: String, settings: Settings) {
        self.node = node
        self.zone = zone
        self.settings = settings
        hasConfiguredZone = !zone.isEmpty
    }

    /// Peers without this node's own.
    package var peers: [Peer] { topology.peers.filter { $0.node != node } }

    package func state(of target: Target) -> PeerState {
        topology[target.node]?.state ?? .draining
    }

    /// Takes a new topology.
    ///
    /// - Returns: What becomes of the targets, in the order of their nodes. When this node's own zone changes, all of them
    ///   are replaced: it is part of their series.
    package mutating func replace(_ topology: Topology) -> Change {
        let oldZone = zone
        self.topology = topology
        if !hasConfiguredZone, let own = topology[node] { zone = own.zone }

        let watched = watchSet(
            of: node, among: topology.peers.map(\.node), fullMeshLimit: settings.fullMeshLimit, rings: settings.watch)
        let families = families
        let planned = peers.filter { watched.contains($0.node) }.flatMap(targets(of:))
            .filter { families.contains($0.address.family) }
        let old = zone == oldZone ? targets : []
        let removed = targets.subtracting(zone == oldZone ? planned : [])
        targets = Set(planned)
        return Change(
            removed: removed.sorted { ($0.node, $0.address.description) < ($1.node, $1.address.description) },
            added: planned.filter { !old.contains($0) })
    }

    /// The families that this node's own pod has: in one that it lacks, every probe would fail for no fault of the network.
    private var families: Set<IPFamily> {
        Set(topology[node]?.addresses.map(\.family) ?? IPFamily.allCases)
    }

    private func targets(of peer: Peer) -> [Target] {
        settings.podProtocols.flatMap { probe in
            peer.addresses.map { address in
                Target(
                    channel: .pod, probe: probe, address: address, port: peer.port, node: peer.node, zone: peer.zone)
            }
        }
    }
}
