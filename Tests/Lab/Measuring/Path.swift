/// What a pair of counters in the metrics stands for: the probes of one channel and one family, from a node to a node, or to
/// a Service, which any of the pods may answer.
struct Path: Hashable, Sendable, CustomStringConvertible {
    let channel: String
    let family: String
    let source: String
    /// A node's name. Empty for what is not addressed to a peer.
    let target: String
    /// Of the load balancer, the Ingress' rule or the secondary network; empty where the channel has no names.
    let name: String

    init(channel: String, family: String, source: String, target: String = "", name: String = "") {
        self.channel = channel
        self.family = family
        self.source = source
        self.target = target
        self.name = name
    }

    var description: String {
        let end = [target, name].filter { !$0.isEmpty }.joined(separator: " ")
        return "\(channel) \(family) \(source) → \(end.isEmpty ? "any" : end)"
    }

    func touches(_ nodes: [String]) -> Bool { nodes.contains(source) || nodes.contains(target) }

    /// The Service whose load balancer the nodes know nothing of.
    static let outsideBalancer = "heartmesh-lb-hostname"

    /// Of the table of faults: the channel, but for the load balancer outside, which has one of its own.
    var column: String {
        channel == "load_balancer" && name == Path.outsideBalancer ? "load_balancer_outside" : channel
    }
}

extension Path {
    /// All that the exporters are to probe.
    ///
    /// - Parameter services: As the API server has them.
    static func all(of channels: [String], services: [ServiceDocument]) -> Set<Path> {
        var paths: Set<Path> = []
        func add(_ channel: String, _ source: Node, _ families: [String], to target: String = "", _ name: String = "") {
            for family in families where channels.contains(channel) {
                paths.insert(
                    Path(channel: channel, family: family, source: source.name, target: target, name: name))
            }
        }
        for source in Node.all {
            for node in Node.all where node != source {
                for channel in ["pod", "node"] { add(channel, source, families, to: node.name) }
                add("multus", source, families, to: node.name, Site.storageNetwork)
            }
            for service in services {
                let own = Set(service.clusterIPs.map(family(of:))).sorted()
                switch service.channel {
                case "node_port": for node in Node.all { add("node_port", source, own, to: node.name) }
                case "load_balancer":
                    let places = service.balancerPlaces.map(family(of:))
                    add("load_balancer", source, places, service.metadata.name)
                case let channel?: add(channel, source, own)
                case nil: break
                }
            }
            for target in IngressController.rules.map(\.target) + [IngressController.secureTarget] {
                add("ingress", source, families, target)
            }
            add("api_server", source, ["ipv4"])
        }
        return paths
    }

    private static let families = ["ipv4", "ipv6"]

    static func family(of address: String) -> String { families[address.contains(":") ? 1 : 0] }
}

/// How far the exporters are from probing what they are to.
struct PathsSeen: CustomStringConvertible {
    let missing: [String]
    let surplus: [String]

    init(expected: Set<Path>, seen: Set<Path>) {
        missing = expected.subtracting(seen).map(\.description).sorted()
        surplus = seen.subtracting(expected).map(\.description).sorted()
    }

    var isComplete: Bool { missing.isEmpty && surplus.isEmpty }

    var description: String { "missing: \(missing), surplus: \(surplus)" }
}

/// Where reasons are counted: they are not told apart by target.
struct Origin: Hashable, Sendable, CustomStringConvertible {
    let channel: String
    let family: String
    let source: String

    init(channel: String, family: String, source: String) {
        self.channel = channel
        self.family = family
        self.source = source
    }

    init(of path: Path) {
        self.init(channel: path.channel, family: path.family, source: path.source)
    }

    var description: String { "\(channel) \(family) \(source)" }
}
