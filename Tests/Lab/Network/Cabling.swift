/// What is connected to what: the pods to their nodes, the nodes to their zone's router, the routers to a core, the
/// control plane and the ingress controller to the core; the pods' second interfaces to a bridge.
struct Cabling: Sendable {
    /// The beginning of the namespaces' names.
    let prefix: String
    let links: [Link]
    private let storage: [Storage]

    private struct Storage: Sendable {
        let node: Node
        let pod: String
    }

    init(prefix: String) {
        self.prefix = prefix
        var links: [Link] = []
        func connect(
            _ child: String, to parent: String, _ parentInterface: String, gateways: [String], addresses: [String],
            networks: [String] = []
        ) {
            let number = twoDigits(links.count)
            links.append(
                Link(
                    parent: Link.End(
                        namespace: prefix + parent, interface: parentInterface,
                        hardwareAddress: "02:00:00:00:01:\(number)"),
                    child: Link.End(
                        namespace: prefix + child, interface: "eth0", hardwareAddress: "02:00:00:00:02:\(number)"),
                    gateways: gateways, addresses: addresses, networks: networks))
        }
        let core = ["169.254.0.1", "fe80::1"]
        for (index, zone) in Node.zones.enumerated() {
            let nodes = Node.all.filter { $0.zone == zone }
            connect(
                zone, to: "core", zone, gateways: core,
                addresses: ["172.20.255.\(index + 2)", "fd00:20:ffff::\(index + 2)"],
                networks: nodes.flatMap { $0.addresses + $0.podNetworks })
            for node in nodes {
                connect(
                    node.name, to: zone, node.name, gateways: ["169.254.1.1", "fe80::1:1"], addresses: node.addresses,
                    networks: node.podNetworks)
            }
        }
        connect("control-plane", to: "core", "control-plane", gateways: core, addresses: [Site.controlPlane])
        connect("ingress", to: "core", "ingress", gateways: core, addresses: Site.ingress)
        for node in Node.all {
            links.append(
                Link(
                    parent: Link.End(
                        namespace: prefix + node.name, interface: "pod",
                        hardwareAddress: "02:00:00:00:03:\(twoDigits(node.number))"),
                    child: Link.End(
                        namespace: prefix + "pod-\(node.letter)", interface: "eth0",
                        hardwareAddress: node.podHardwareAddress),
                    gateways: node.podGateways, addresses: node.podAddresses, prefixes: [24, 64]))
        }
        self.links = links
        storage = Node.all.map { Storage(node: $0, pod: prefix + "pod-\($0.letter)") }
    }

    var core: String { prefix + "core" }
    var storageNetwork: String { prefix + "storage-net" }

    var namespaces: [String] {
        Array(Set(links.flatMap { [$0.parent.namespace, $0.child.namespace] } + [storageNetwork])).sorted()
    }

    func link(ofChild name: String) -> Link {
        guard let link = links.first(where: { $0.child.namespace == prefix + name }) else {
            preconditionFailure("\(name) has no link")
        }
        return link
    }

    /// For `ip -batch`, when the namespaces are there. No end of a link is in the machine's own for a moment.
    var creation: [String] {
        links.map(\.creation)
            + storage.map {
                """
                link add name net1 address \($0.node.storageHardwareAddress) netns \($0.pod) type veth \
                peer name pod-\($0.node.letter) netns \(storageNetwork)
                """
            }
    }

    /// For `ip -batch` in each namespace.
    var lines: [String: [String]] {
        var lines = Dictionary(uniqueKeysWithValues: namespaces.map { ($0, ["link set lo up"]) })
        // What nobody has, such as the address of a Service that no kube-proxy has replaced, is lost without a word.
        lines[core]! += zip(Site.core, ["/32 dev lo", "/128 dev lo nodad"]).map { "address add \($0)\($1)" }
        lines[core]! += ["route add blackhole 0.0.0.0/0", "route add blackhole ::/0"]
        for link in links {
            lines[link.parent.namespace]! += link.parentLines
            lines[link.child.namespace]! += link.childLines
        }
        lines[storageNetwork]! += ["link add br0 type bridge", "link set br0 up"]
        for member in storage {
            lines[storageNetwork]! += [
                "link set pod-\(member.node.letter) master br0", "link set pod-\(member.node.letter) up",
            ]
            let node = member.node
            lines[member.pod]! += zip(node.storageAddresses, ["/24 dev net1", "/64 dev net1 nodad"]).map {
                "address add \($0)\($1)"
            }
            lines[member.pod]! += ["link set net1 up"]
            for other in Node.all where other != node {
                lines[member.pod]! += other.storageAddresses.map {
                    "neighbour add \($0) lladdr \(other.storageHardwareAddress) dev net1 nud permanent"
                }
            }
        }
        return lines
    }
}
