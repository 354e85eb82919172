/// What is known and not probed.
package struct Unprobed: Hashable, Sendable {
    package let channel: Channel
    /// The Service, the Ingress' rule or the secondary network; empty where there is none.
    package let name: String
    /// The node that it belongs to; empty where it is not one node's.
    package let node: String
    /// An address, or a name that has none; empty where there is neither.
    package let place: String
    /// Not `probed`.
    package let state: TargetState
    /// For a person.
    package let text: String
}

/// The label `state` of `heartmesh_targets`.
package enum TargetState: String, CaseIterable, Sendable {
    case probed
    /// Nobody has given it an address yet.
    case pending
    /// It has a name that has no address.
    case unresolved
    /// What comes of it does not count, because its peer is in a state in which failures are expected; or it is not
    /// probed, because this node's pod cannot be expected to reach it.
    case excluded
    /// This process may not send such probes.
    case permission
    /// A channel that is on has nothing to probe.
    case missing
}

extension Plan {
    /// Everything that can be probed, and what can't, in the order of nodes and services.
    func aims() -> (targets: [Target], unprobed: [Unprobed]) {
        var aims = Aims(
            own: topology[node], largePayloads: settings.largePayloads, forbidden: settings.forbidden)
        let peers = watched.compactMap { topology[$0] }
        for peer in peers {
            for probe in settings.protocols[.pod] ?? [] {
                for address in peer.addresses {
                    aims.add(
                        Target(
                            channel: .pod, probe: probe, address: address, port: probe == .icmp ? 0 : peer.port,
                            node: peer.node, zone: peer.zone, answerer: peer.answerer(over: probe)))
                }
            }
            for probe in settings.protocols[.multus] ?? [] {
                for network in peer.networks {
                    aims.add(
                        Target(
                            channel: .multus, probe: probe, address: network.address,
                            port: probe == .icmp ? 0 : peer.port, node: peer.node, zone: peer.zone,
                            name: network.network, answerer: peer.answerer(over: probe)))
                }
            }
            for probe in settings.protocols[.node] ?? [] {
                for address in peer.nodeAddresses {
                    aims.add(
                        Target(
                            channel: .node, probe: probe, address: address,
                            port: probe == .icmp ? 0 : settings.nodePort, node: peer.node, zone: peer.zone,
                            answerer: .server))
                }
            }
        }
        for service in topology.services where settings.protocols[service.channel]?.contains(service.probe) == true {
            if service.channel == .nodePort {
                addPorts(of: service, on: [topology[node]].compactMap(\.self) + peers, to: &aims)
            } else {
                add(service, to: &aims)
            }
        }
        for channel in Channel.allCases where settings.required.contains(channel) {
            aims.addMissing(channel)
        }
        return (aims.targets, aims.unprobed)
    }

    private func addPorts(of service: Service, on peers: [Peer], to aims: inout Aims) {
        for peer in peers {
            for address in peer.nodeAddresses where service.families.contains(address.family) {
                aims.add(
                    Target(
                        channel: .nodePort, probe: service.probe, address: address, port: service.port,
                        node: peer.node, zone: peer.node == node ? zone : peer.zone, name: service.name,
                        answerer: .anyPeer))
            }
        }
    }

    private func add(_ service: Service, to aims: inout Aims) {
        let answerer: Target.Answerer =
            switch service.channel {
            case .hairpin: .node(node)
            case .apiServer, .dns, .url: .server
            default: .anyPeer
            }
        for address in service.addresses {
            aims.add(
                Target(
                    channel: service.channel, probe: service.probe, address: address, port: service.port,
                    name: service.name, host: service.host, path: service.path, answerer: answerer))
        }
        for name in service.unresolved {
            aims.refuse(service.channel, service.name, place: name, .unresolved, "\(name) has no address")
        }
        if service.isPending {
            aims.refuse(service.channel, service.name, place: "", .pending, "nobody has given it an address yet")
        }
    }
}

extension Peer {
    /// The reply to an echo request says nothing of who sends it.
    fileprivate func answerer(over probe: ProbeProtocol) -> Target.Answerer {
        probe == .icmp ? .server : .node(node)
    }
}

/// Gathers targets, and leaves out those that this node can't be expected to reach.
private struct Aims {
    private(set) var targets: [Target] = []
    private(set) var unprobed: [Unprobed] = []
    /// Two Ingresses can have the same rule.
    private var seen: Set<Target> = []
    private var refused: Set<Unprobed> = []
    /// The families that this node's own pod has: in one that it lacks, every probe would fail for no fault of the network.
    private let families: Set<IPFamily>
    /// Those that it has in each secondary network; nil while this node itself is not known.
    private let networks: [String: Set<IPFamily>]?

    private let largePayloads: [Channel: Int]
    private let forbidden: [ProbeProtocol: String]

    init(own: Peer?, largePayloads: [Channel: Int], forbidden: [ProbeProtocol: String]) {
        self.largePayloads = largePayloads
        self.forbidden = forbidden
        families = Set(own?.addresses.map(\.family) ?? IPFamily.allCases)
        networks = own.map { own in
            own.networks.reduce(into: [:]) { $0[$1.network, default: []].insert($1.address.family) }
        }
    }

    mutating func add(_ target: Target) {
        let isReachable: Bool
        if target.channel == .multus {
            isReachable = networks.map { $0[target.name]?.contains(target.address.family) ?? false } ?? true
        } else {
            isReachable = families.contains(target.address.family)
        }
        if isReachable, let text = forbidden[target.probe] {
            return refuse(target.channel, target.name, node: target.node, place: target.place, .permission, text)
        }
        if isReachable {
            if !seen.insert(target).inserted { return }
            targets.append(target)
            if target.probe.isHTTP, let size = largePayloads[target.channel] { targets.append(target.large(size)) }
            return
        }
        let family = target.address.family == .ipv4 ? "IPv4" : "IPv6"
        let place = target.channel == .multus ? " in \(target.name)" : ""
        refuse(
            target.channel, target.name, node: target.node, place: target.place, .excluded,
            "this node's pod has no \(family) address\(place)")
    }

    mutating func addMissing(_ channel: Channel) {
        if targets.contains(where: { $0.channel == channel }) || unprobed.contains(where: { $0.channel == channel }) {
            return
        }
        refuse(channel, "", place: "", .missing, "the channel is on, and there is nothing to probe")
    }

    mutating func refuse(
        _ channel: Channel, _ name: String, node: String = "", place: String, _ state: TargetState, _ text: String
    ) {
        let new = Unprobed(channel: channel, name: name, node: node, place: place, state: state, text: text)
        // One address for several protocols.
        if refused.insert(new).inserted { unprobed.append(new) }
    }
}
