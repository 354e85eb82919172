import Foundation
import Reactor
import Support

@testable import Probing

/// nginx as any web server: HTTP/1.1 and HTTP/2, and one that asks for client certificates.
final class SecureFront: Sendable {
    enum Door: String, CaseIterable {
        /// HTTP/1.1 alone, and both. The certificate comes with the one that signed it, which runs out first.
        case first, second
        /// Asks for a client certificate.
        case clients
    }

    /// Made once for all tests of a run.
    static let shared = Task { try await SecureFront() }

    let folder: String
    private let nginx: Running
    private let ports: [Door: FreePort]

    var trust: Trust { .file("\(folder)/authority.crt") }
    /// One that `clients` takes, and one that it does not.
    var certificate: RequestSettings.ClientCertificate {
        .init(file: "\(folder)/client.crt", keyFile: "\(folder)/client.key")
    }
    var stranger: RequestSettings.ClientCertificate {
        .init(file: "\(folder)/other.crt", keyFile: "\(folder)/other.key")
    }

    func address(_ door: Door) -> SocketAddress {
        guard let port = ports[door] else { preconditionFailure("every door has a port") }
        return SocketAddress("127.0.0.1", port.port)
    }

    private init() async throws {
        let certificates = try Certificates.shared.get()
        let folder = certificates.folder
        self.folder = folder
        try certificates.make("client", days: 2, ["extendedKeyUsage=clientAuth"])
        try certificates.make("between", days: 3, ["basicConstraints=critical,CA:TRUE"])
        try certificates.make("leaf", days: 300, ["subjectAltName=IP:127.0.0.1,DNS:beat.example"], by: "between")
        let chain = try ["leaf", "between"].map { String(decoding: try readFile("\(folder)/\($0).crt"), as: UTF8.self) }
        try certificates.write("chain.crt", chain.joined())
        let ports = try Dictionary(uniqueKeysWithValues: Door.allCases.map { ($0, try FreePort()) })
        self.ports = ports
        let servers = ports.map { door, port in
            """
            server {
                listen \(port.address) ssl\(door == .second ? " http2" : "");
                ssl_certificate chain.crt; ssl_certificate_key leaf.key;
                \(door == .clients ? "ssl_client_certificate authority.crt; ssl_verify_client on;" : "")
                location / { return 200 "$server_protocol $http_host $ssl_server_name $ssl_client_s_dn $request_method"; }
                location /moved { return 302 /; }
            }
            """
        }
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path s_\($0);" }
        try certificates.write(
            "secure.conf",
            """
            daemon off; master_process off; pid secure.pid; error_log stderr;
            events { worker_connections 512; }
            http { access_log off; \(temporary.joined(separator: " ")) \(servers.joined(separator: "\n")) }
            """)
        let nginx = try Running("nginx", ["-p", folder, "-c", "\(folder)/secure.conf", "-e", "stderr"])
        self.nginx = nginx
        for address in ports.values.map(\.address) {
            _ = try await eventually(within: .seconds(20), "nginx listens on \(address): \(nginx.errorText)") {
                try Connection.open(to: address, deadline: .now + .seconds(1)).close()
            } until: {
                true
            }
        }
    }
}

extension Certificates {
    /// `NAME.crt` and `NAME.key`, signed by an authority.
    fileprivate func make(_ name: String, days: Int, _ extensions: [String], by authority: String = "authority") throws
    {
        let program = try Running(
            "openssl",
            [
                "req", "-x509", "-days", "\(days)", "-out", "\(folder)/\(name).crt", "-CA",
                "\(folder)/\(authority).crt",
                "-CAkey", "\(folder)/\(authority).key", "-config", "\(folder)/openssl.conf", "-subj",
                "/CN=heartmesh \(name)",
                "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                "\(folder)/\(name).key",
            ] + extensions.flatMap { ["-addext", $0] })
        guard program.waitForExit() == .code(0) else { throw Failed(description: "openssl: \(program.errorText)") }
    }
}
