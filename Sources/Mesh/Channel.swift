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
    /// What the configuration names, inside or outside the cluster.
    case url

    /// Each of its addresses belongs to one node, which stands in its series.
    package var isPeerAddressed: Bool {
        switch self {
        case .pod, .multus, .node, .nodePort: true
        case .clusterIP, .hairpin, .loadBalancer, .ingress, .apiServer, .url: false
        }
    }

    /// Its addresses are few and have names, which stand in series of their own.
    package var isNamed: Bool { self == .loadBalancer || self == .ingress || self == .url }

    /// A Service's rules choose who answers.
    package var choosesBackend: Bool { self == .clusterIP || self == .nodePort || self == .loadBalancer }

    /// How it can be probed; the first is the default.
    package var protocols: [ProbeProtocol] {
        switch self {
        case .pod, .multus, .clusterIP, .hairpin, .nodePort, .loadBalancer: [.http]
        case .node: [.tcp]
        case .ingress: [.http, .https]
        case .apiServer: [.https]
        case .url: [.http, .https, .tcp]
        }
    }
}

/// How a target is probed; the label `protocol`.
package enum ProbeProtocol: String, CaseIterable, Sendable {
    case http
    case https
    /// The connection alone.
    case tcp
}

/// The size of what a probe sends and asks for; the label `payload`.
package enum Payload: String, CaseIterable, Sendable {
    case small
}
