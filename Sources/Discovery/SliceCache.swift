internal import Mesh

/// The EndpointSlices that are known, and which of them have to be asked for again. Pure.
struct SliceCache {
    private(set) var slices: [String: EndpointSlice] = [:]

    /// What to ask for after the list of versions has come.
    enum Request: Equatable {
        /// Each of these by its name; none when nothing changed.
        case slices([String])
        /// All of them: cheaper than one by one when more than a seventh changed, as a compressed list packs
        /// some seven slices into the bytes of one that is too small to be compressed.
        case list
    }

    /// Drops the slices that are gone, and tells which have changed.
    mutating func request(for versions: [ObjectVersion]) -> Request {
        let names = Set(versions.map(\.name))
        slices = slices.filter { names.contains($0.key) }
        let changed = versions.filter { slices[$0.name]?.resourceVersion != $0.resourceVersion }.map(\.name)
        return changed.count > 1 && changed.count * 7 > versions.count ? .list : .slices(changed)
    }

    mutating func replaceAll(with list: [EndpointSlice]) {
        slices = Dictionary(list.map { ($0.name, $0) }) { $1 }
    }

    mutating func replace(_ slice: EndpointSlice) {
        slices[slice.name] = slice
    }

    mutating func remove(_ name: String) {
        slices[name] = nil
    }

    /// The peers in all slices, and what in the slices can't be used.
    ///
    /// A pod's addresses of the two families stand in two slices, and an endpoint that moves from one slice to another may
    /// stand in both for a moment. Where two say different things of one pod, the worse state is the later one: a
    /// pod that ends does not come back.
    func peers() -> (topology: Topology, invalid: [String]) {
        struct Pod: Hashable {
            let node: String
            let id: String
        }
        var peers: [Pod: Peer] = [:]
        var invalid: [String] = []
        for slice in slices.values.sorted(by: { $0.name < $1.name }) {
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
                let pod = Pod(node: node, id: endpoint.pod ?? "")
                let known = peers[pod]
                peers[pod] = Peer(
                    node: node, zone: known?.zone.isEmpty == false ? known!.zone : endpoint.zone ?? "",
                    addresses: (known?.addresses ?? []) + endpoint.addresses, port: known?.port ?? port,
                    state: max(known?.state ?? .active, endpoint.state))
            }
        }
        // Of two pods of one node that are equally good, always the same one is taken.
        return (Topology(peers.sorted { $0.key.id < $1.key.id }.map(\.value)), invalid)
    }
}
