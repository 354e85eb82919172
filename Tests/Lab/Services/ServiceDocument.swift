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
        let clusterIPs: [String]?
        let ports: [Port]?
        let internalTrafficPolicy: String?
        let externalTrafficPolicy: String?
    }

    struct Ingress: Decodable {
        let ip: String?
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
}
