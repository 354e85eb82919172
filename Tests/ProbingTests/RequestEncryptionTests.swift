import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// Configured targets over TLS, against nginx.
struct RequestEncryptionTests {
    private func ask(
        _ door: SecureFront.Door, host: String = "", path: String = "/",
        _ change: (inout RequestSettings) -> Void = { _ in }
    ) async throws -> Rig.Result {
        let front = try await SecureFront.shared.value
        return try ProbingTests.ask(front.address(door), .https, host: host, path: path) {
            $0.trust = front.trust
            change(&$0)
        }
    }

    @Test(arguments: ["", "beat.example"])
    func versionOne(host: String) async throws {
        let port = try await SecureFront.shared.value.address(.first).port
        let name = host.isEmpty ? "127[.]0[.]0[.]1:\(port) " : "\(host):\(port) \(host)"
        for door in [SecureFront.Door.first, .second] {
            let result = try await ask(door, host: host) {
                $0.expectation.pattern = door == .first ? "^HTTP/1[.]1 \(name)  GET$" : "^HTTP/1[.]1 "
            }
            #expect(result.outcome.isSuccess, "\(result)")
        }
    }

    @Test(arguments: [RequestSettings.Method.get, .head, .post, .put, .trace])
    func versionTwo(method: RequestSettings.Method) async throws {
        let result = try await ask(.second, host: "beat.example") {
            $0.isVersion2 = true
            $0.method = method
            // nginx refuses TRACE itself.
            if method == .trace { $0.expectation.statuses = [405...405] }
            let isPlain = method != .trace && method != .head
            $0.expectation.pattern = isPlain ? "^HTTP/2[.]0 beat[.]example.* \(method.rawValue)$" : ""
        }
        #expect(result.outcome.isSuccess, "\(result)")
    }

    @Test func aServerWithoutVersionTwo() async throws {
        let result = try await ask(.first) { $0.isVersion2 = true }
        #expect(result.outcome == .failure(.protocol))
        #expect(result.detail == "the server does not take HTTP/2")
    }

    @Test func theNameInTheCertificateIsNotTheHost() async throws {
        let result = try await ask(.second, host: "beat.example") {
            $0.isVersion2 = true
            $0.headers = ["Host: inner.example"]
            $0.expectation.pattern = "^HTTP/2[.]0 inner[.]example beat[.]example "
        }
        #expect(result.outcome.isSuccess, "\(result)")
    }

    @Test func clientCertificates() async throws {
        let front = try await SecureFront.shared.value
        let given = try await ask(.clients) {
            $0.clientCertificate = front.certificate
            $0.expectation.pattern = "CN=heartmesh client"
        }
        #expect(given.outcome.isSuccess, "\(given)")
        // nginx says so by a status.
        let missing = try await ask(.clients)
        #expect(missing.outcome == .failure(.status) && missing.detail == "status 400")
        let wrong = try await ask(.clients) { $0.clientCertificate = front.stranger }
        #expect(wrong.outcome == .failure(.status) && wrong.detail == "status 400")
        let lost = try await ask(.clients) { $0.clientCertificate = .init(file: "/no/cert", keyFile: "/no/key") }
        #expect(lost.outcome == .failure(.tls), "\(lost)")
    }

    /// A certificate that one target shows, another with the same trust does not.
    @Test func aClientCertificateIsOneTargetsOnly() async throws {
        let front = try await SecureFront.shared.value
        let address = front.address(.clients)
        var rich = RequestSettings(url: "https://\(address)/")
        rich.trust = front.trust
        var poor = rich
        poor.expectation.statuses = [400...400]
        rich.clientCertificate = front.certificate
        let rig = try Rig()
        let targets = try (0..<6).map { (try configured(address, as: "\($0)", .https), $0 % 2 == 0 ? rich : poor) }
        for _ in 0..<3 { #expect(try rig.ask(targets).allSatisfy(\.outcome.isSuccess)) }
    }

    @Test(arguments: [(Front.Door.wrong, "beat.example"), (.expired, "beat.example"), (.own, ""), (.plain, "")])
    func aCertificateThatDoesNotFit(door: Front.Door, host: String) async throws {
        let front = try await Front.shared.value
        for isVersion2 in [false, true] {
            let result = try ProbingTests.ask(front.address(door), .https, host: host) {
                $0.trust = .file(front.authority)
                $0.isVersion2 = isVersion2
            }
            #expect(result.outcome == .failure(.tls), "\(result)")
        }
        let untrusted = try ProbingTests.ask(front.address(.front), .https)
        #expect(untrusted.outcome == .failure(.tls))
        let otherName = try await ask(.first, host: "other.example")
        #expect(otherName.outcome == .failure(.tls))
    }

    @Test func aRedirectOverTLS() async throws {
        let result = try await ask(.second, host: "beat.example", path: "/moved") {
            $0.followsRedirects = true
            $0.isVersion2 = true
            $0.expectation.pattern = "^HTTP/2[.]0"
        }
        #expect(result.outcome.isSuccess, "\(result)")
        #expect(try await ask(.second, path: "/moved").detail == "status 302")
    }
}
