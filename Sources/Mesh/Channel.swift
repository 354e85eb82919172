/// The kind of path; the label `channel`.
package enum Channel: String, CaseIterable, Sendable {
    /// Every address of each peer's pod.
    case pod
    /// Every address of each peer's secondary interfaces.
    case multus
    /// Every address of each peer's node.
    case node
    /// The cluster IPs of a Service, which any peer may answer.
    case clusterIP = "cluster_ip"
    /// The cluster IPs of a Service whose traffic stays on the node: this exporter itself must answer.
    case hairpin
    /// A port on every node, which any peer may answer.
    case nodePort = "node_port"
    case loadBalancer = "load_balancer"
    case ingress
    case apiServer = "api_server"
    /// DNS servers: those of resolv.conf, and configured ones.
    case dns
    /// What the configuration names, inside or outside the cluster.
    case url

    /// Each of its addresses belongs to one node, which stands in its series.
    package var isPeerAddressed: Bool {
        switch self {
        case .pod, .multus, .node, .nodePort: true
        case .clusterIP, .hairpin, .loadBalancer, .ingress, .apiServer, .dns, .url: false
        }
    }

    /// Its addresses are few and have names, which stand in series of their own.
    package var isNamed: Bool {
        switch self {
        case .loadBalancer, .ingress, .dns, .url: true
        default: false
        }
    }

    /// A Service's rules choose who answers.
    package var choosesBackend: Bool { self == .clusterIP || self == .nodePort || self == .loadBalancer }

    /// A responder is at its end, which takes large payloads and gives them back.
    package var takesLargePayload: Bool {
        switch self {
        case .pod, .multus, .clusterIP, .hairpin, .nodePort, .loadBalancer, .ingress: true
        case .node, .apiServer, .dns, .url: false
        }
    }

    /// How it can be probed.
    package var protocols: [ProbeProtocol] {
        switch self {
        case .pod, .multus: [.http, .udp, .icmp]
        case .clusterIP, .hairpin, .nodePort, .loadBalancer: [.http]
        case .node: [.tcp, .icmp]
        case .ingress: [.http, .https]
        case .apiServer: [.https]
        case .dns: [.udp, .tcp, .tls, .https]
        case .url: [.http, .https, .tcp, .icmp]
        }
    }

    /// How it is probed unless the configuration says otherwise. Not by ICMP: many networks drop it for no harm.
    package var defaultProtocols: [ProbeProtocol] {
        switch self {
        case .pod: [.http, .udp]
        case .node: [.tcp]
        case .multus: [.http]
        case .dns: [.udp]
        default: protocols
        }
    }
}

/// How a target is probed; the label `protocol`.
package enum ProbeProtocol: String, CaseIterable, Sendable {
    case http
    case https
    /// The connection alone; of `dns`, a question over it.
    case tcp
    /// A datagram that a responder answers; of `dns`, a question in one.
    case udp
    /// DNS over TLS.
    case tls
    /// An echo request, which a kernel answers.
    case icmp

    package var isHTTP: Bool { self == .http || self == .https }

    /// Its probes are connections, of which the kernel knows what was sent again.
    package var isTCP: Bool { self != .udp && self != .icmp }

    /// Its probes count for the peer that they go to (`heartmesh_peer_*`). A datagram that gets lost, or a rule that
    /// drops only these, must not look like a peer that is away, nor the other way round.
    package var countsForPeer: Bool { self != .udp && self != .icmp }
}

/// The size of what a probe sends and asks for; the label `payload`.
package enum Payload: String, CaseIterable, Sendable {
    case small
    /// So many bytes each way that they fill whole packets.
    case large
}
