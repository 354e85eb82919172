import Foundation
import Support

/// nginx in front of a recorded API server: it ends TLS on several ports, each in another way.
final class TLSFront {
    /// What a port asks and shows.
    enum Door: String, CaseIterable {
        /// A certificate for 127.0.0.1.
        case plain
        /// The same, and HTTP/2 if the client wants it, as the API server does.
        case http2
        /// A certificate for `api.example`.
        case named
        /// A certificate for 127.0.0.1; a client certificate of the same authority is required.
        case client
    }

    let certificates: Certificates
    private let folder: TemporaryFolder
    private let nginx: Running
    private let ports: [Door: FreePort]

    init(_ api: RecordedAPI) async throws {
        certificates = try Certificates.shared.get()
        folder = try TemporaryFolder()
        ports = try Dictionary(uniqueKeysWithValues: Door.allCases.map { ($0, try FreePort()) })
        try folder.write("authority.crt", certificates.authority.certificate)
        for (name, pair) in [("server", certificates.server), ("named", certificates.named)] {
            try folder.write("\(name).crt", pair.certificate)
            try folder.write("\(name).key", pair.key)
        }
        let servers = ports.map { door, port in
            """
            server {
                listen \(port.address) ssl\(door == .http2 ? " http2" : "");
                ssl_certificate \(door == .named ? "named" : "server").crt;
                ssl_certificate_key \(door == .named ? "named" : "server").key;
                \(door == .client ? "ssl_client_certificate authority.crt; ssl_verify_client on;" : "")
                location / { proxy_pass \(api.url); proxy_http_version 1.1; proxy_buffering off; }
            }
            """
        }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \($0);" }
        try folder.write(
            "nginx.conf",
            """
            daemon off; master_process off; pid nginx.pid; error_log stderr;
            events { worker_connections 64; }
            http { access_log off; \(temporary.joined(separator: " ")) \(servers.joined(separator: "\n")) }
            """)
        nginx = try Running("nginx", ["-p", folder.path, "-c", folder["nginx.conf"], "-e", "stderr"])
        for port in ports.values {
            _ = try await eventually(within: .seconds(20), "nginx listens on \(port.address): \(nginx.errorText)") {
                try Connection.open(to: port.address, deadline: .now + .seconds(1)).close()
            } until: {
                true
            }
        }
    }

    func address(_ door: Door) -> SocketAddress {
        guard let port = ports[door] else { preconditionFailure("every door has a port") }
        return port.address
    }

    /// The path of a kubeconfig whose cluster is a door.
    ///
    /// - Parameters:
    ///   - cluster: Members of the cluster beside its `server`, in YAML's flow style.
    ///   - user: Members of the user.
    ///   - port: Of something that stands before the door.
    func kubeconfig(_ door: Door, cluster: String, user: String = "", port: UInt16? = nil) throws -> String {
        let port = port ?? address(door).port
        try folder.write(
            "config",
            """
            current-context: lab
            contexts: [{name: lab, context: {cluster: lab, user: reader, namespace: heartmesh}}]
            clusters: [{name: lab, cluster: {server: "https://127.0.0.1:\(port)", \(cluster)}}]
            users: [{name: reader, user: {\(user)}}]
            """)
        return folder["config"]
    }
}

extension String {
    var base64: String { Data(utf8).base64EncodedString() }
}
