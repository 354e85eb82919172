import Foundation
import Reactor
import Support

@testable import Probing

/// nginx as an ingress controller: one port for each certificate, and one without.
final class Front: Sendable {
    enum Door: String, CaseIterable {
        /// With a certificate for 127.0.0.1, ::1 and `beat.example`.
        case front
        case wrong, expired, own
        /// Without encryption.
        case plain
    }

    /// Made once for all tests of a run.
    static let shared = Task { try await Front() }

    let certificates: Certificates
    private let nginx: Running
    private let ports: [Door: FreePort]

    /// The file of the authority's certificate.
    var authority: String { "\(certificates.folder)/authority.crt" }
    var trust: Trust { get throws { .certificates(try readFile(authority)) } }

    /// - Parameter host: `127.0.0.1` or `::1`.
    func address(_ door: Door, host: String = "127.0.0.1") -> SocketAddress {
        guard let port = ports[door] else { preconditionFailure("every door has a port") }
        return SocketAddress(host, port.port)
    }

    private init() async throws {
        certificates = try Certificates.shared.get()
        let hosts = ["127.0.0.1", "::1"]
        ports = try Dictionary(uniqueKeysWithValues: Door.allCases.map { ($0, try FreePort(on: hosts)) })
        // The node is node-a; below /echo/ it is what nginx knows of the request.
        let echoes = [
            "name": "$ssl_server_name", "host": "$http_host", "path": "$request_uri", "reused": "$ssl_session_reused",
        ]
        let locations = echoes.map { path, variable in
            """
            location ^~ /echo/\(path) { add_header Heartmesh "mesh=test; node=\(variable); zone=" always; return 200; }
            """
        }
        let servers = ports.map { door, port in
            """
            server {
                \(port.addresses.map { "listen \($0)\(door == .plain ? "" : " ssl");" }.joined(separator: " "))
                \(door == .plain ? "" : "ssl_certificate \(door).crt; ssl_certificate_key \(door).key;")
                ssl_session_cache shared:\(door):1m; ssl_session_tickets on;
                location / {
                    add_header Heartmesh "mesh=test; node=node-a; zone=z1; uid=; state=active" always;
                    return 200;
                }
                location /redirect { return 308 https://$host/; }
                \(locations.joined(separator: "\n"))
            }
            """
        }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \($0);" }
        try certificates.write(
            "nginx.conf",
            """
            daemon off; master_process off; pid nginx.pid; error_log stderr;
            events { worker_connections 512; }
            http { access_log off; \(temporary.joined(separator: " ")) \(servers.joined(separator: "\n")) }
            """)
        let folder = certificates.folder
        nginx = try Running("nginx", ["-p", folder, "-c", "\(folder)/nginx.conf", "-e", "stderr"])
        for address in ports.values.flatMap(\.addresses) {
            _ = try await eventually(within: .seconds(20), "nginx listens on \(address): \(nginx.errorText)") {
                try Connection.open(to: address, deadline: .now + .seconds(1)).close()
            } until: {
                true
            }
        }
    }
}
