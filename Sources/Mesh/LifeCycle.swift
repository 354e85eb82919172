/// In which state each peer is: what discovery says of its endpoint, what the peer says of itself, and how long it has been
/// known. Pure: times are nanoseconds of one monotonic clock, which the caller reads.
package struct LifeCycle {
    /// A newcomer that has never been ready nor answered may still be pulling its image: for so long its failures wake
    /// nobody. A rollout to a new version does that on every node.
    package static let longestWarmup: Int64 = 300_000_000_000
    /// For so long a peer that has said that it is shutting down is believed.
    package static let longestGoodbye: Int64 = 300_000_000_000

    private struct Record {
        /// As discovery has it.
        var peer: Peer
        /// Since when this endpoint is known.
        let seen: Int64
        /// It came after others: it was not there when this exporter looked for the first time.
        let isNewcomer: Bool
        /// It has answered, or was ready when this exporter looked for the first time.
        var isProven: Bool
        var wasReady: Bool
        /// When this endpoint said first that it is shutting down; nil: it has not, or has answered as active since.
        var goodbye: Int64?
        var state = PeerState.active
        /// When the state changes by time alone; nil: never.
        var ends: Int64?
    }

    private let node: String
    private let warmup: Int64
    private var records: [String: Record] = [:]
    /// The nodes whose state changes by time alone.
    private var passing: Set<String> = []
    private var hasTopology = false
    /// How many peers are in each state.
    package private(set) var counts: [PeerState: Int] = [:]

    /// - Parameters:
    ///   - node: This node, which is no peer.
    ///   - warmup: For how long failures of a peer that has just come do not count, in nanoseconds.
    package init(node: String, warmup: Int64) {
        self.node = node
        self.warmup = warmup
    }

    /// What a peer is that is not in the topology: gone.
    package func state(of node: String) -> PeerState {
        records[node]?.state ?? .gone
    }

    /// The state of the peer that the target belongs to; what belongs to none is always active.
    package func state(of target: Target) -> PeerState {
        if !target.channel.isPeerAddressed || target.node == node { return .active }
        return state(of: target.node)
    }

    /// When the next state changes by time alone; nil: none does.
    package var nextChange: Int64? { passing.compactMap { records[$0]?.ends }.min() }

    // MARK: What happens

    /// Takes a new topology. In the first one, peers that are ready are active at once: this exporter has just started, and
    /// not they.
    package mutating func replace(_ topology: Topology, at now: Int64) {
        let old = records
        records = Dictionary(minimumCapacity: topology.peers.count)
        passing = []
        counts = [:]
        for peer in topology.peers where peer.node != node {
            var record: Record
            if let known = old[peer.node], known.peer.isSameEndpoint(as: peer) {
                record = known
                record.peer = peer
            } else {
                record = Record(
                    peer: peer, seen: now, isNewcomer: hasTopology, isProven: !hasTopology && peer.state == .active,
                    wasReady: false)
            }
            if peer.state == .active { record.wasReady = true }
            (record.state, record.ends) = rule(for: record, at: now)
            if record.ends != nil { passing.insert(peer.node) }
            counts[record.state, default: 0] += 1
            records[peer.node] = record
        }
        hasTopology = true
    }

    /// The peer has said that it is shutting down, or that it is not.
    ///
    /// - Returns: Whether its state is another one now.
    package mutating func heard(_ node: String, isDraining: Bool, at now: Int64) -> Bool {
        guard let record = records[node] else { return false }
        // The five minutes count from the first word.
        records[node]!.goodbye = isDraining ? record.goodbye ?? now : nil
        return settle(node, at: now)
    }

    /// The peer has answered a probe.
    ///
    /// - Returns: Whether its state is another one now.
    package mutating func answered(_ node: String, at now: Int64) -> Bool {
        guard let record = records[node], !record.isProven else { return false }
        records[node]!.isProven = true
        return settle(node, at: now)
    }

    /// Time has passed.
    ///
    /// - Returns: Whether any state is another one now.
    package mutating func advance(to now: Int64) -> Bool {
        var isChanged = false
        for node in passing where records[node]!.ends! <= now {
            if settle(node, at: now) { isChanged = true }
        }
        return isChanged
    }

    // MARK: The rules

    private mutating func settle(_ node: String, at now: Int64) -> Bool {
        let (state, ends) = rule(for: records[node]!, at: now)
        let before = records[node]!.state
        counts[before, default: 0] -= 1
        counts[state, default: 0] += 1
        records[node]!.state = state
        records[node]!.ends = ends
        if ends == nil { passing.remove(node) } else { passing.insert(node) }
        return state != before
    }

    private func rule(for record: Record, at now: Int64) -> (state: PeerState, ends: Int64?) {
        let endpoint = record.peer.state
        if endpoint == .draining { return (.draining, nil) }
        if let goodbye = record.goodbye, now - goodbye < LifeCycle.longestGoodbye {
            return (.draining, goodbye + LifeCycle.longestGoodbye)
        }
        if record.isProven { return (endpoint, nil) }
        // One that has been ready and has not answered in all this time is a failure, and so is one that was there before
        // this exporter and is not ready.
        let isExpectedSoon = record.isNewcomer && !record.wasReady
        let length = isExpectedSoon ? max(warmup, LifeCycle.longestWarmup) : warmup
        return now - record.seen < length ? (.warming, record.seen + length) : (endpoint, nil)
    }
}

extension Peer {
    /// Whether it is still the same pod at the same place. Its two families may be found one after the other; another pod,
    /// or one that was put together anew after its node restarted, shares no address with it.
    package func isSameEndpoint(as other: Peer) -> Bool {
        pod == other.pod && port == other.port
            && (addresses.contains(where: other.addresses.contains) || addresses.isEmpty && other.addresses.isEmpty)
    }
}
