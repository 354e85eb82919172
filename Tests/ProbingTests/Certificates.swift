import Foundation
import Support

/// Certificates made with openssl(1), as files in PEM form: `NAME.crt` and `NAME.key`. Deleted when the run ends.
final class Certificates: Sendable {
    /// `authority` and `other` sign; `front`, `wrong` (for another name) and `expired` are the authority's; `own` is signed
    /// by itself.
    static let shared = Result { try Certificates() }

    private static let path = FileManager.default.temporaryDirectory.appendingPathComponent("heartmesh-\(UUID())").path

    let folder = Certificates.path

    private init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        atexit { try? FileManager.default.removeItem(atPath: Certificates.path) }
        try write(
            "openssl.conf",
            """
            [req]
            distinguished_name = name
            [name]
            [authority]
            basicConstraints = critical, CA:TRUE
            [server]
            basicConstraints = CA:FALSE
            extendedKeyUsage = serverAuth
            """)
        try sign("authority", as: "authority")
        try sign("other", as: "authority")
        try sign("front", for: "IP:127.0.0.1,IP:::1,DNS:beat.example", by: "authority")
        try sign("wrong", for: "IP:127.0.0.2,DNS:other.example", by: "authority")
        try sign("own", for: "IP:127.0.0.1,DNS:beat.example")
        try makeExpired()
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private func sign(
        _ name: String, as section: String = "server", for names: String? = nil, by authority: String? = nil
    ) throws {
        var arguments = ["req", "-x509", "-extensions", section, "-days", "2", "-out", "\(folder)/\(name).crt"]
        if let names { arguments += ["-addext", "subjectAltName=\(names)"] }
        if let authority { arguments += ["-CA", "\(folder)/\(authority).crt", "-CAkey", "\(folder)/\(authority).key"] }
        try openssl(arguments + request(name))
    }

    private func makeExpired() throws {
        // Only x509 takes a number of days below zero.
        let names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:beat.example"]
        try openssl(["req", "-new", "-out", "\(folder)/expired.csr"] + names + request("expired"))
        try openssl([
            "x509", "-req", "-in", "\(folder)/expired.csr", "-CA", "\(folder)/authority.crt",
            "-CAkey", "\(folder)/authority.key", "-set_serial", "7", "-days", "-1", "-copy_extensions", "copy",
            "-out", "\(folder)/expired.crt",
        ])
    }

    private func request(_ name: String) -> [String] {
        [
            "-config", "\(folder)/openssl.conf", "-subj", "/CN=heartmesh \(name)", "-newkey", "ec",
            "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "\(folder)/\(name).key",
        ]
    }

    private func openssl(_ arguments: [String]) throws {
        let program = try Running("openssl", arguments)
        guard program.waitForExit() == .code(0) else { throw Failed(description: "openssl: \(program.errorText)") }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }
}
