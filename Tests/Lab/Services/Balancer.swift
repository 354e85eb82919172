/// A cloud's load balancer, outside of the cluster: it stands in the core, and sends each connection to the node port of a
/// random node, in its own name. The nodes know nothing of its addresses; the API server has only its name.
struct Balancer {
    private static let table = "balancer"

    /// The Service's, whose external policy is Local: a node that gets a connection gives it to its own pod.
    let nodePort: UInt16

    /// For the core.
    var rules: String {
        """
        table inet \(Balancer.table) {
        \(chains.joined(separator: "\n"))
        chain prerouting {
        type nat hook prerouting priority -100
        \(dispatch.joined(separator: "\n"))
        }
        chain postrouting {
        type nat hook postrouting priority 100
        meta nfproto ipv4 tcp dport \(nodePort) snat ip to \(Site.core[0]) fully-random
        meta nfproto ipv6 tcp dport \(nodePort) snat ip6 to \(Site.core[1]) fully-random
        }
        }
        """
    }

    private var chains: [String] {
        Node.all.map { node in
            """
            chain \(node.name) {
            meta nfproto ipv4 meta l4proto tcp dnat ip to \(node.addresses[0]):\(nodePort)
            meta nfproto ipv6 meta l4proto tcp dnat ip6 to [\(node.addresses[1])]:\(nodePort)
            }
            """
        }
    }

    private var dispatch: [String] {
        let choices = Node.all.enumerated().map { "\($0) : goto \($1.name)" }.joined(separator: ", ")
        return zip(["ip", "ip6"], Site.balancer).map { family, address in
            """
            \(family) daddr \(address) tcp dport \(Site.responderPort) \
            numgen random mod \(Node.all.count) vmap { \(choices) }
            """
        }
    }
}
