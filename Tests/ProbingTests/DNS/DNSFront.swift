import Support

@testable import Probing

/// unbound with a zone of its own, with and without encryption.
final class DNSFront: Sendable {
    enum Door: String, CaseIterable {
        /// UDP and TCP.
        case plain
        /// With the certificate `front` of `Certificates`.
        case tls, https
    }

    /// Made once for all tests of a run.
    static let shared = Task { try await DNSFront() }

    private let unbound: Running
    private let ports: [Door: FreePort]

    /// - Parameter host: `127.0.0.1` or `::1`.
    func address(_ door: Door, host: String = "127.0.0.1") -> SocketAddress {
        guard let port = ports[door] else { preconditionFailure("every door has a port") }
        return SocketAddress(host, port.port)
    }

    private init() async throws {
        let certificates = try Certificates.shared.get()
        let folder = certificates.folder
        let hosts = ["127.0.0.1", "::1"]
        let ports = try Dictionary(uniqueKeysWithValues: Door.allCases.map { ($0, try FreePort(on: hosts)) })
        self.ports = ports
        let interfaces = hosts.flatMap { host in Door.allCases.map { "interface: \(host)@\(ports[$0]!.port)" } }
        // Several strings of 200 bytes, more than 512 bytes in all.
        let long = (0..<4).map { number in
            #"local-data: 'long.example.test. 60 TXT "\#(number)\#(String(repeating: "a", count: 199))"'"#
        }
        try certificates.write(
            "unbound.conf",
            """
            server:
                directory: "\(folder)"
                chroot: ""
                username: ""
                pidfile: ""
                do-daemonize: no
                use-syslog: no
                logfile: ""
                num-threads: 1
                \(interfaces.joined(separator: "\n    "))
                tls-port: \(ports[.tls]!.port)
                https-port: \(ports[.https]!.port)
                tls-service-key: "front.key"
                tls-service-pem: "front.crt"
                access-control: 127.0.0.0/8 allow
                access-control: ::1 allow
                module-config: "iterator"
                max-udp-size: 512
                local-zone: "example.test." static
                local-data: "www.example.test. 60 A 192.0.2.1"
                local-data: "www.example.test. 60 A 192.0.2.2"
                local-data: "www.example.test. 60 AAAA 2001:db8::1"
                local-data: "mail.example.test. 60 MX 10 www.example.test."
                \(long.joined(separator: "\n    "))
                local-zone: "refused.test." refuse
            # Queries to this machine are never made: SERVFAIL, at once.
            forward-zone:
                name: "broken.example."
                forward-addr: 127.0.0.1
            remote-control:
                control-enable: no
            """)
        unbound = try Running("unbound", ["-d", "-c", "\(folder)/unbound.conf"])
        for address in ports.values.flatMap(\.addresses) {
            _ = try await eventually(within: .seconds(20), "unbound listens on \(address): \(unbound.errorText)") {
                try Connection.open(to: address, deadline: .now + .seconds(1)).close()
            } until: {
                true
            }
        }
    }
}
