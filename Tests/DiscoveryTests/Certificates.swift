import Foundation
import Support

/// Certificates of a private authority, in PEM form, made with openssl(1).
struct Certificates: Sendable {
    struct Pair: Sendable {
        let certificate: String
        let key: String
    }

    /// The API server's authority, and one that has nothing to do with it.
    let authority: Pair
    let otherAuthority: Pair
    /// For `127.0.0.1`.
    let server: Pair
    /// For `api.example`.
    let named: Pair
    let client: Pair

    /// Made once for all tests of a run.
    static let shared = Result { try Certificates() }

    private init() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "openssl.conf",
            """
            [req]
            distinguished_name = name
            [name]
            [authority]
            basicConstraints = critical, CA:TRUE
            keyUsage = critical, keyCertSign
            [server]
            basicConstraints = CA:FALSE
            extendedKeyUsage = serverAuth
            [client]
            basicConstraints = CA:FALSE
            extendedKeyUsage = clientAuth
            """)
        authority = try folder.makePair("authority", section: "authority")
        otherAuthority = try folder.makePair("other", section: "authority")
        server = try folder.makePair("server", section: "server", names: "IP:127.0.0.1", by: "authority")
        named = try folder.makePair("named", section: "server", names: "DNS:api.example", by: "authority")
        client = try folder.makePair("client", section: "client", by: "authority")
    }
}

extension TemporaryFolder {
    fileprivate func makePair(
        _ name: String, section: String, names: String? = nil, by authority: String? = nil
    ) throws -> Certificates.Pair {
        var arguments = [
            "req", "-x509", "-config", self["openssl.conf"], "-extensions", section, "-subj", "/CN=heartmesh \(name)",
            "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", self["\(name).key"], "-out", self["\(name).crt"],
        ]
        if let names { arguments += ["-addext", "subjectAltName=\(names)"] }
        if let authority { arguments += ["-CA", self["\(authority).crt"], "-CAkey", self["\(authority).key"]] }
        let openssl = try Running("openssl", arguments)
        guard openssl.waitForExit() == .code(0) else { throw TooLate(description: "openssl: \(openssl.errorText)") }
        return Certificates.Pair(
            certificate: try String(contentsOfFile: self["\(name).crt"], encoding: .utf8),
            key: try String(contentsOfFile: self["\(name).key"], encoding: .utf8))
    }
}
