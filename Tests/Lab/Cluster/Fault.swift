/// What can be broken in a cluster. Nodes are named by their letters.
enum Fault: Hashable, Sendable, CustomStringConvertible {
    /// `ip link set eth0 down` on the node.
    case nodeLinkDown(String)
    /// The same in the node's pod.
    case podLinkDown(String)
    /// What goes to the node is lost; what comes from it arrives.
    case lossTowards(String)
    /// What comes from the node is lost; what goes to it arrives.
    case lossFrom(String)
    /// A firewall between two nodes that lets no new connection through, one way.
    case newConnectionsDropped(from: String, to: String)
    /// So many per cent of all packets on the node's link are lost, both ways.
    case loss(percent: Int, String)
    /// The zone's router and the core lose all packets to each other.
    case zoneCut(String)
    /// IPv6 packets on the node's link are lost.
    case ipv6Broken(String)
    /// One of the endpoints in a node's rules is an address that no pod has any more: a kube-proxy that has stopped to
    /// follow.
    case staleEndpoint(on: String, of: String)
    /// The same with the right address and a wrong port.
    case wrongPort(on: String, of: String)
    /// A node's rules send to any pod what has to stay on the node.
    case policyIgnored(String)
    /// The node has no rules for Services.
    case proxyDead(String)
    case ingressDown
    /// The ingress controller answers 503.
    case ingressBusy
    /// Packets of more than 1,400 bytes on the node's link are lost, without a word to the sender.
    case largePacketsDropped(String, Way = .both)
    /// ICMP packets on the node's link are lost: a firewall that lets nobody ping.
    case pingsDropped(String)
    /// Each UDP packet to the node comes twice.
    case datagramsDoubled(String)
    /// The bridge that joins the pods' second interfaces is down.
    case multusDown

    /// Of a node's link.
    enum Way: String, Sendable {
        case both = ""
        case towards = ", towards it only"
        case from = ", from it only"

        /// For nft(8): how it matches the node's interface on its router.
        var interfaces: [String] {
            switch self {
            case .both: ["iifname", "oifname"]
            case .towards: ["oifname"]
            case .from: ["iifname"]
            }
        }
    }

    var description: String {
        switch self {
        case .nodeLinkDown(let node): "the link of node \(node) down"
        case .podLinkDown(let node): "the link of the pod on \(node) down"
        case .lossTowards(let node): "packets to node \(node) dropped, those from it not"
        case .lossFrom(let node): "packets from node \(node) dropped, those to it not"
        case .newConnectionsDropped(let from, let to): "new connections from node \(from) to \(to) dropped"
        case .loss(let percent, let node): "\(percent) % random loss on the link of node \(node)"
        case .zoneCut(let zone): "zone \(zone) cut off"
        case .ipv6Broken(let node): "IPv6 broken on the link of node \(node)"
        case .staleEndpoint(let on, let of): "NAT on node \(on): the endpoint on \(of) has a stale address"
        case .wrongPort(let on, let of): "NAT on node \(on): the endpoint on \(of) has a wrong port"
        case .policyIgnored(let node): "NAT on node \(node): internal traffic policies ignored"
        case .proxyDead(let node): "NAT rules of node \(node) gone"
        case .ingressDown: "ingress down"
        case .ingressBusy: "ingress answers 503"
        case .largePacketsDropped(let node, let way):
            "packets over 1,400 bytes dropped on the link of node \(node)\(way.rawValue)"
        case .pingsDropped(let node): "ICMP dropped on the link of node \(node)"
        case .datagramsDoubled(let node): "UDP packets to node \(node) doubled"
        case .multusDown: "multus network down"
        }
    }
}
