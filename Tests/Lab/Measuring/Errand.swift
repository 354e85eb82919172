import Glibc
import Support

/// One request of the lab's own from inside of a pod, on a path that an exporter will probe: it shows that the lab is what it
/// should be, without the product.
struct Errand: Sendable {
    enum Request: Sendable {
        /// - answers: The nodes that may answer; any when empty.
        case get(String, headers: Headers = [:], answers: Set<String> = [])
        case connect(SocketAddress)
    }

    let path: Path
    let source: Node
    let request: Request

    /// All that a pod has to reach.
    ///
    /// - Parameter services: As the API server has them.
    static func all(from source: Node, services: [ServiceDocument]) -> [Errand] {
        let others = Node.all.filter { $0 != source }
        var errands: [Errand] = []
        func add(
            _ channel: String, _ address: String, to target: String = "", named name: String = "", _ request: Request
        ) {
            let path = Path(
                channel: channel, family: Path.family(of: address), source: source.name, target: target, name: name)
            errands.append(Errand(path: path, source: source, request: request))
        }
        func url(_ address: String, _ port: UInt16, _ rest: String = "/") -> String {
            "http://\(SocketAddress(address, port))\(rest)"
        }
        for node in others {
            for address in node.podAddresses {
                add("pod", address, to: node.name, .get(url(address, Site.responderPort), answers: [node.name]))
                add(
                    "pod_large", address, to: node.name,
                    .get(url(address, Site.responderPort, "/?size=4000"), answers: [node.name]))
            }
            for address in node.storageAddresses {
                add(
                    "multus", address, to: node.name, named: Site.storageNetwork,
                    .get(url(address, Site.responderPort), answers: [node.name]))
            }
            for address in node.addresses {
                add("node", address, to: node.name, .connect(SocketAddress(address, Site.kubeletPort)))
            }
        }
        for service in services {
            guard let port = service.port else { continue }
            switch service.channel {
            case "cluster_ip":
                for address in service.clusterIPs { add("cluster_ip", address, .get(url(address, port.port))) }
            case "hairpin":
                for address in service.clusterIPs {
                    add("hairpin", address, .get(url(address, port.port), answers: [source.name]))
                }
            case "load_balancer":
                for address in service.balancerPlaces {
                    add("load_balancer", address, named: service.metadata.name, .get(url(address, port.port)))
                }
            case "node_port":
                for node in Node.all {
                    for address in node.addresses {
                        add("node_port", address, to: node.name, .get(url(address, port.nodePort ?? 0)))
                    }
                }
            default: break
            }
        }
        // What is under TLS is left to the exporters.
        for rule in IngressController.rules {
            for address in Site.ingress {
                add(
                    "ingress", address, named: rule.target,
                    .get(url(address, 80, rule.path), headers: ["Host": rule.host]))
            }
        }
        add("api_server", Site.apiServer, .connect(SocketAddress(Site.apiServer, 443)))
        return errands
    }

    /// Blocks the thread, which is inside of the pod.
    ///
    /// - Returns: Why it failed, in the exporters' words; nil when it did not.
    func run(timeout: Duration) -> String? {
        // This thread's alone: what it meets is to be the network's doing.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, -10)
        do {
            switch request {
            case .connect(let address):
                try Connection.open(to: address, deadline: .now + timeout).close()
                return nil
            case .get(let url, let headers, let answers):
                let response = try HTTPGet.fetchBlocking(url, headers: headers, timeout: timeout)
                guard response.status == 200 else { return "status" }
                return isRight(response, answers) ? nil : "wrong_peer"
            }
        } catch let failure as HTTPGet.Failure {
            return Errand.reason(failure)
        } catch {
            return Errand.reason("\(error)", isTimeout: (error as? SocketError)?.isTimeout ?? false)
        }
    }

    private func isRight(_ response: HTTPResponse, _ answers: Set<String>) -> Bool {
        guard let identity = response.headers["Heartmesh"] else { return false }
        return answers.isEmpty || answers.contains { identity.contains("node=\($0);") }
    }

    private static func reason(_ failure: HTTPGet.Failure) -> String {
        switch failure {
        case .refused: "refused"
        case .reset, .cutOff: "reset"
        case .timeout: "timeout"
        case .other(let text): reason(text, isTimeout: false)
        case .badURL, .malformed: "protocol"
        }
    }

    private static func reason(_ text: String, isTimeout: Bool) -> String {
        if isTimeout { return "timeout" }
        if text.contains("refused") { return "refused" }
        return text.contains("unreachable") || text.contains("No route") ? "unreachable" : text
    }
}
