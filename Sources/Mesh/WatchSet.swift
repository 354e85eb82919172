/// Which peers a node probes at full rate.
///
/// A full mesh up to a limit. Above it, that many hash rings over the nodes' names: in each ring the next node is the
/// peer. So a node has one watcher for each ring, whatever the size of the mesh, and a node that comes or goes moves at
/// most two edges of each ring. Two rings can choose the same peer; a watch set is then smaller by one.
package func watchSet(of node: String, among nodes: [String], fullMeshLimit: Int, rings: Int) -> Set<String> {
    let others = nodes.filter { $0 != node }
    if nodes.count <= fullMeshLimit || others.count <= rings { return Set(others) }
    var chosen: Set<String> = []
    for ring in 0..<rings {
        let own = RingPlace(node, ring)
        var next: RingPlace?
        var first: RingPlace?
        for other in others {
            let place = RingPlace(other, ring)
            if place > own, next.map({ place < $0 }) ?? true { next = place }
            if first.map({ place < $0 }) ?? true { first = place }
        }
        if let peer = next ?? first { chosen.insert(peer.node) }
    }
    return chosen
}

private struct RingPlace: Comparable {
    let hash: UInt64
    let node: String

    init(_ node: String, _ ring: Int) {
        hash = stableHash(node, seed: UInt64(ring))
        self.node = node
    }

    static func < (left: RingPlace, right: RingPlace) -> Bool {
        left.hash != right.hash ? left.hash < right.hash : left.node < right.node
    }
}

/// A hash that is the same in every process and release: FNV-1a, mixed at the end by the finaliser of MurmurHash3, as
/// FNV's high bits hardly change for names that differ in their last character.
package func stableHash(_ text: String, seed: UInt64 = 0) -> UInt64 {
    stableHash(text.utf8, seed: seed)
}

package func stableHash(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ (seed &* 0x9e37_79b9_7f4a_7c15)
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
    return hash ^ hash >> 33
}
