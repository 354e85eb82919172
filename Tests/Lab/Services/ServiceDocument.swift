import Foundation
import Support

/// What kube-proxy has to know of a Service, out of the API server's own bytes.
struct ServiceDocument: Decodable {
    struct Metadata: Decodable {
        let name: String
    }

    struct Port: Decodable {
        let name: String?
        let `protocol`: String
        let port: UInt16
        let nodePort: UInt16?
    }

    struct Spec: Decodable {
        let type: String
        let clusterIPs: [String]?
        let ports: [Port]?
        let internalTrafficPolicy: String?
        let externalTrafficPolicy: String?
    }

    struct Ingress: Decodable {
        let ip: String?
        let hostname: String?
        let ipMode: String?
    }

    struct Balancer: Decodable {
        let ingress: [Ingress]?
    }

    struct Status: Decodable {
        let loadBalancer: Balancer
    }

    let metadata: Metadata
    let spec: Spec
    let status: Status

    /// All Services of a list.
    static func all(in list: ObjectList) throws -> [ServiceDocument] {
        struct List: Decodable {
            let items: [ServiceDocument]
        }
        return try JSONDecoder().decode(List.self, from: Data(list.document())).items
    }

    /// The port that the probes use.
    var port: Port? { spec.ports?.first { $0.name == "http" } }
    var clusterIPs: [String] { spec.clusterIPs?.filter { $0 != "None" } ?? [] }
    /// Only those that kube-proxy answers for (KEP-1860).
    var balancerIPs: [String] {
        status.loadBalancer.ingress?.filter { $0.ipMode != "Proxy" }.compactMap(\.ip) ?? []
    }
    /// Those that it has, and those that its name stands for.
    var balancerPlaces: [String] {
        let hasName = status.loadBalancer.ingress?.contains { $0.hostname != nil } ?? false
        return balancerIPs + (hasName ? Site.balancer : [])
    }

    /// The channel that it is probed on; nil when it has no address of its own.
    var channel: String? {
        if clusterIPs.isEmpty { return nil }
        return switch spec.type {
        case "NodePort": "node_port"
        case "LoadBalancer": "load_balancer"
        default: spec.internalTrafficPolicy == "Local" ? "hairpin" : "cluster_ip"
        }
    }
}
