/// The rules of a node, as kube-proxy's nftables mode makes them: a random endpoint for each connection, and masquerade for
/// what comes from outside, goes to a node port or a load balancer's address, or comes back to where it started.
struct KubeProxy {
    struct Endpoint {
        let node: Node
        /// IPv4, IPv6.
        var addresses: [String]
        var port = Site.responderPort

        init(_ node: Node) {
            self.node = node
            addresses = node.podAddresses
        }
    }

    static let table = "kube-proxy"

    let node: Node
    let services: [ServiceDocument]
    /// False: what has to stay on the node goes anywhere.
    var followsPolicies = true
    var endpoints = Node.all.map(Endpoint.init)

    /// Replaces the table, whether it is there or not.
    var rules: String {
        """
        table inet \(KubeProxy.table)
        delete table inet \(KubeProxy.table)
        table inet \(KubeProxy.table) {
        chain mark-for-masquerade {
        meta mark set meta mark or 0x4000
        }
        \(families.joined(separator: "\n"))
        chain services {
        \((services.flatMap(dispatch) + kubernetes).joined(separator: "\n"))
        }
        chain nat-prerouting {
        type nat hook prerouting priority -100
        jump services
        }
        chain nat-output {
        type nat hook output priority -100
        jump services
        }
        chain nat-postrouting {
        type nat hook postrouting priority 100
        meta mark & 0x4000 != 0 masquerade fully-random
        }
        }
        """
    }

    /// One chain for each endpoint, one for all of them, one for those of this node, one for traffic from outside.
    private var families: [String] {
        [0, 1].map { index in
            let family = index == 0 ? "ip" : "ip6"
            let chains = endpoints.map { endpoint in
                let address = endpoint.addresses[index]
                let target = index == 0 ? "\(address):\(endpoint.port)" : "[\(address)]:\(endpoint.port)"
                return """
                    chain endpoint-\(family)-\(endpoint.node.letter) {
                    \(family) saddr \(address) jump mark-for-masquerade
                    meta l4proto tcp dnat \(family) to \(target)
                    }
                    """
            }
            let choices = endpoints.enumerated().map { "\($0) : goto endpoint-\(family)-\($1.node.letter)" }
            let isHere = endpoints.contains { $0.node == node }
            return """
                \(chains.joined(separator: "\n"))
                chain cluster-\(family) {
                numgen random mod \(choices.count) vmap { \(choices.joined(separator: ", ")) }
                }
                chain local-\(family) {
                \(isHere ? "goto endpoint-\(family)-\(node.letter)" : "drop")
                }
                chain external-\(family) {
                jump mark-for-masquerade
                goto cluster-\(family)
                }
                """
        }
    }

    private func dispatch(_ service: ServiceDocument) -> [String] {
        guard let port = service.port else { return [] }
        let inside = service.spec.internalTrafficPolicy == "Local" && followsPolicies ? "local" : "cluster"
        let outside = service.spec.externalTrafficPolicy == "Local" ? "local" : "external"
        var rules: [String] = []
        for address in service.clusterIPs {
            let (family, network) = address.contains(":") ? ("ip6", node.podNetworks[1]) : ("ip", node.podNetworks[0])
            let match = "\(family) daddr \(address) tcp dport \(port.port)"
            rules.append("\(match) \(family) saddr != \(network) jump mark-for-masquerade")
            rules.append("\(match) goto \(inside)-\(family)")
        }
        for address in service.balancerIPs {
            let family = address.contains(":") ? "ip6" : "ip"
            rules.append("\(family) daddr \(address) tcp dport \(port.port) goto \(outside)-\(family)")
        }
        if let number = port.nodePort {
            let families = Set(service.clusterIPs.map { $0.contains(":") ? "ip6" : "ip" }).sorted()
            for family in families {
                let name = family == "ip" ? "ipv4" : "ipv6"
                rules.append("meta nfproto \(name) fib daddr type local tcp dport \(number) goto \(outside)-\(family)")
            }
        }
        return rules
    }

    /// The Service `kubernetes` of the namespace `default`, whose only endpoint is no pod.
    private var kubernetes: [String] {
        [
            """
            ip daddr \(Site.apiServer) tcp dport 443 dnat ip to \(Site.controlPlane):\(Site.controlPlanePort)
            """
        ]
    }
}
