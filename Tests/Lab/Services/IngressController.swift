import Foundation
import Support

/// nginx as the ingress controller, as the recorded Ingresses say: `heartmesh.lab.example` over https, which http is sent to;
/// over http `beat.lab.example/beat`, all of `*.wild.lab.example`, and whatever has the controller's own name. It goes to
/// the pods' addresses itself, as ingress-nginx does.
final class IngressController: Sendable {
    /// A rule of an Ingress that is asked over http.
    struct Rule {
        let host: String
        let path: String
        /// The exporters' name for it.
        let target: String
    }

    static let secureHost = "heartmesh.lab.example"
    static let secureTarget = "heartmesh.lab.example/"
    static let rules = [
        Rule(host: "beat.lab.example", path: "/beat", target: "beat.lab.example/beat"),
        Rule(host: "ingress-5678.elb.lab.example", path: "/", target: "heartmesh-hostname/"),
        Rule(host: "heartmesh.wild.lab.example", path: "/", target: "heartmesh.wild.lab.example/"),
    ]

    private let nginx: Nginx
    private let busyFile: String

    init(in namespace: NetworkNamespace, _ folder: Folder) throws {
        busyFile = "\(folder.path)/busy"
        let backends = Node.all.map { "server \($0.podAddresses[0]):\(Site.responderPort) max_fails=0;" }
        let listens = { (port: String) in
            "listen \(Site.ingress[0]):\(port); listen [\(Site.ingress[1])]:\(port);"
        }
        let busy = "if (-f \(busyFile)) { return 503; }"
        // No second try at another pod: it would hide what the first one met.
        let pass = """
            proxy_pass http://heartmesh;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_next_upstream off;
            """
        // `random`: pods that take turns would be in step with the exporters, which ask in the same order in each interval,
        // and one path would meet the same pod every time.
        nginx = try Nginx(
            "ingress",
            http: """
                upstream heartmesh { random; \(backends.joined(separator: " ")) }
                server { \(listens("80 default_server")) return 404; }
                server {
                server_name \(IngressController.secureHost);
                \(listens("80"))
                return 308 https://$host$request_uri;
                }
                server {
                server_name \(IngressController.secureHost);
                \(listens("443 ssl"))
                ssl_certificate ingress.crt;
                ssl_certificate_key ingress.key;
                \(busy)
                location / { \(pass) }
                }
                server {
                server_name beat.lab.example;
                \(listens("80"))
                \(busy)
                location / { return 404; }
                location /beat { \(pass) }
                }
                server {
                server_name ingress-5678.elb.lab.example *.wild.lab.example;
                \(listens("80"))
                \(busy)
                location / { \(pass) }
                }
                """, listening: SocketAddress(Site.ingress[0], 80), in: namespace, folder)
    }

    func start() async throws { try await nginx.start() }
    func stop() { nginx.stop() }

    /// Whether it answers everything with 503, as it does when it has no endpoints.
    func setBusy(_ isBusy: Bool) throws {
        if isBusy {
            try Data().write(to: URL(fileURLWithPath: busyFile))
        } else {
            try FileManager.default.removeItem(atPath: busyFile)
        }
    }
}
