/// A veth pair between a child, which sends everything through it, and a parent, which routes to the child.
///
/// The neighbours are told, not asked for: with ARP and neighbour discovery, a dead link would be silence for three
/// seconds and "host unreachable" for a moment afterwards, and a test could not say which of the two a probe meets.
struct Link: Sendable {
    struct End: Sendable {
        let namespace: String
        let interface: String
        let hardwareAddress: String
    }

    let parent: End
    let child: End
    /// The parent's addresses as the child sees them, of both families.
    let gateways: [String]
    /// The child's own.
    let addresses: [String]
    /// The length of the addresses' prefixes when parent and child share a network.
    var prefixes: [Int]?
    /// What the parent sends to the child, beside the child's addresses.
    var networks: [String] = []

    /// For `ip -batch` outside of both.
    var creation: String {
        """
        link add name \(child.interface) address \(child.hardwareAddress) netns \(child.namespace) type veth \
        peer name \(parent.interface) address \(parent.hardwareAddress) netns \(parent.namespace)
        """
    }

    /// For `ip -batch` in the child's namespace; may be repeated after the link was down.
    var childLines: [String] {
        let interface = child.interface
        let own = zip(addresses, prefixes ?? [32, 128]).map {
            "address replace \($0)/\($1) dev \(interface)\(flags($0))"
        }
        let routes = gateways.flatMap {
            [
                "neighbour replace \($0) lladdr \(parent.hardwareAddress) dev \(interface) nud permanent",
                "route replace default via \($0) dev \(interface) onlink",
            ]
        }
        return own + ["link set \(interface) up"] + routes
    }

    /// For `ip -batch` in the parent's namespace.
    var parentLines: [String] {
        let interface = parent.interface
        let own = zip(gateways, prefixes ?? []).map {
            "address replace \($0)/\($1) dev \(interface)\(flags($0))"
        }
        let neighbours = addresses.flatMap { address in
            [
                "neighbour replace \(address) lladdr \(child.hardwareAddress) dev \(interface) nud permanent",
                "route replace \(address) dev \(interface)",
            ]
        }
        let routes = networks.flatMap { network in
            addresses.filter { $0.contains(":") == network.contains(":") }
                .map { "route replace \(network) via \($0) dev \(interface) onlink" }
        }
        return own + ["link set \(interface) up"] + neighbours + routes
    }

    /// No duplicate address detection, which would take a second.
    private func flags(_ address: String) -> String { address.contains(":") ? " nodad" : "" }
}
