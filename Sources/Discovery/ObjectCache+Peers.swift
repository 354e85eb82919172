internal import Mesh

typealias SliceCache = ObjectCache<EndpointSlice>

/// What the slices of the peer Service say.
struct PeerList: Equatable {
    var topology = Topology([])
    /// The pods that the peers are, by their nodes.
    var pods: [String: PodReference] = [:]
    /// What in the slices can't be used.
    var invalid: [String] = []
}

/// Which pod a peer is.
struct PodReference: Hashable {
    /// Another one after each start.
    let uid: String
    let name: String

    /// An endpoint that is no pod.
    static let unknown = PodReference(uid: "", name: "")
}

extension ObjectCache<EndpointSlice> {
    /// The peers in all slices, and what in the slices can't be used.
    ///
    /// A pod's addresses of the two families stand in two slices, and an endpoint that moves from one slice to another may
    /// stand in both for a moment. Where two say different things of one pod, the worse state is the later one: a
    /// pod that ends does not come back.
    func peers() -> PeerList {
        var peers: [PodKey: Peer] = [:]
        var names: [PodKey: String] = [:]
        var invalid: [String] = []
        for slice in sorted {
            guard slice.addressType == "IPv4" || slice.addressType == "IPv6" else {
                invalid.append("EndpointSlice \(slice.name): addresses of type \(slice.addressType)")
                continue
            }
            guard let port = slice.port else {
                if !slice.endpoints.isEmpty { invalid.append("EndpointSlice \(slice.name): no port named http") }
                continue
            }
            for endpoint in slice.endpoints {
                guard let node = endpoint.node, !node.isEmpty else {
                    let addresses = endpoint.addresses.map(\.description).joined(separator: ", ")
                    invalid.append("EndpointSlice \(slice.name): no node name for \(addresses)")
                    continue
                }
                for text in endpoint.otherAddresses {
                    invalid.append("EndpointSlice \(slice.name): node \(node) has the address \"\(text)\"")
                }
                // Without an address nothing of it can be probed.
                if endpoint.addresses.isEmpty { continue }
                let pod = PodKey(node: node, id: endpoint.pod ?? "")
                let known = peers[pod]
                peers[pod] = Peer(
                    node: node, zone: known?.zone.isEmpty == false ? known!.zone : endpoint.zone ?? "",
                    addresses: (known?.addresses ?? []) + endpoint.addresses, port: known?.port ?? port,
                    state: max(known?.state ?? .active, endpoint.state), pod: pod.id)
                if let name = endpoint.podName { names[pod] = name }
            }
        }
        // Of two pods of one node that are equally good, always the same one is taken.
        let candidates = peers.sorted { $0.key.id < $1.key.id }
        let topology = Topology(candidates.map(\.value))
        var pods: [String: PodReference] = [:]
        for (pod, peer) in candidates where pods[pod.node] == nil && topology[pod.node] == peer {
            pods[pod.node] = names[pod].map { PodReference(uid: pod.id, name: $0) }
        }
        return PeerList(topology: topology, pods: pods, invalid: invalid)
    }
}

/// One pod in all slices.
private struct PodKey: Hashable {
    let node: String
    let id: String
}
