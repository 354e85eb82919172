import Foundation
import Reactor
import Support
import Testing

/// HTTPS, against `openssl s_server` with a certificate of its own.
struct TransferEncryptionTests {
    @Test func anUnknownCertificateIsAFailure() async throws {
        let certificate = try await Certificate()
        let server = try await SecureServer(certificate)
        let wire = try Wire()
        let other = try await Certificate()
        let client = Client(server.url)
        // One that the system does not know, and one that is not the trusted one.
        #expect(try wire.run(client)?.kind == .tls)
        client.transfer.setTrust(try other.bytes)
        let failure = try #require(try wire.run(client))
        #expect(failure.kind == .tls)
        #expect(client.transfer.status == 0)
        #expect(client.body.isEmpty)
    }

    @Test func aTrustedCertificateIsNot() async throws {
        let certificate = try await Certificate()
        let server = try await SecureServer(certificate)
        let client = Client(server.url)
        client.transfer.setTrust(try certificate.bytes)
        let wire = try Wire()
        #expect(try wire.run(client) == nil)
        #expect(client.transfer.status == 200)
        #expect(client.text.contains("s_server"))
    }

    @Test func theNameMustBeTheCertificates() async throws {
        let certificate = try await Certificate()
        let server = try await SecureServer(certificate)
        let wire = try Wire()
        for (name, kind) in [("api.example", nil), ("other.example", TransferFailure.Kind.tls)] {
            let client = Client("https://\(name)/")
            client.transfer.setTrust(try certificate.bytes)
            client.transfer.setConnection(to: "127.0.0.1", port: server.port)
            #expect(try wire.run(client)?.kind == kind)
        }
    }

    @Test func theClientsCertificate() async throws {
        let certificate = try await Certificate()
        let server = try await SecureServer(certificate, asksForCertificate: true)
        let wire = try Wire()
        let client = Client(server.url)
        client.transfer.setTrust(try certificate.bytes)
        #expect(try wire.run(client) != nil)
        client.transfer.setClientCertificate(try certificate.bytes, key: try certificate.key)
        #expect(try wire.run(client) == nil)
        #expect(client.transfer.status == 200)
    }

    @Test func plainTextIsNoTLS() throws {
        let server = try StubServer(onAccept: [.bytes(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .hang])
        let failure = try Wire().run(Client("https://\(server.address)/"))
        #expect(failure?.kind == .tls)
        #expect(failure?.description.contains("wrong version number") == true)
    }

    @Test func aResetInTheHandshakeIsAReset() throws {
        let resetting = try Listener { connection in
            // After the greeting, which is then read and lost.
            _ = try? connection.read()
            connection.reset()
        }
        defer { resetting.stop() }
        let failure = try Wire().run(Client("https://\(resetting.address)/"))
        #expect(failure?.kind == .reset)
        #expect(failure?.description.hasSuffix(": Connection reset by peer") == true)
    }
}

/// For 127.0.0.1 and api.example, signed by itself.
private final class Certificate: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("heartmesh-\(UUID())").path
    var keyPath: String { path + ".key" }

    var bytes: [UInt8] { get throws { try readFile(path) } }
    var key: [UInt8] { get throws { try readFile(keyPath) } }

    init() async throws {
        let program = try Running(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:api.example", "-out", path,
                "-keyout", keyPath,
            ])
        let exit = try await program.waitForExit(within: .seconds(60))
        try #require(exit == .code(0), "\(program.errorText)")
    }

    deinit {
        for path in [path, keyPath] { try? FileManager.default.removeItem(atPath: path) }
    }
}

private final class SecureServer: Sendable {
    private let program: Running
    private let certificate: Certificate
    let port: Int

    var url: String { "https://127.0.0.1:\(port)/" }

    init(_ certificate: Certificate, asksForCertificate: Bool = false) async throws {
        self.certificate = certificate
        let asking = ["-Verify", "1", "-verify_return_error", "-CAfile", certificate.path]
        let program = try Running(
            "openssl",
            ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate.path, "-key", certificate.keyPath, "-www"]
                + (asksForCertificate ? asking : []))
        self.program = program
        // `ACCEPT 127.0.0.1:34771`
        port = try await eventually(within: .seconds(60), "s_server listens") {
            program.outputText.split(separator: "\n").first { $0.hasPrefix("ACCEPT ") }
                .flatMap { $0.split(separator: ":").last }.flatMap { Int($0) }
        } until: {
            $0 != nil
        }!
    }
}
