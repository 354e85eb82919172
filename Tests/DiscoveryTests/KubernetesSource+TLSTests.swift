import Mesh
import Support
import Testing

@testable import Discovery

/// With a kubeconfig, over real TLS.
struct KubernetesSourceTLSTests {
    private let api: RecordedAPI
    private let front: TLSFront

    init() async throws {
        api = try RecordedAPI(serving: threeNodes)
        front = try await TLSFront(api)
    }

    private func watch(_ door: TLSFront.Door, cluster: String, user: String = "") throws -> Watch {
        try Watch(APIServer.kubeconfig(front.kubeconfig(door, cluster: cluster, user: user)))
    }

    private func trusting(_ pair: Certificates.Pair) -> String {
        "certificate-authority-data: \(pair.certificate.base64)"
    }

    private func with(_ pair: Certificates.Pair) -> String {
        "client-certificate-data: \(pair.certificate.base64), client-key-data: \(pair.key.base64)"
    }

    @Test(arguments: [TLSFront.Door.plain, .http2]) func theRightAuthority(door: TLSFront.Door) throws {
        try api.serve(endpointSlices: "1000/list/endpointslices-of-service.json")
        api.require(token: "abc")
        let watch = try watch(door, cluster: trusting(front.certificates.authority), user: "token: abc")
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(api.exchanges[0].isCompressed)
        #expect(try watch.next() == .confirmed)
        try api.change { try $0.setConditions(.notReady, ofNode: "node-00777") }
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(api.exchanges[0].request.headers["User-Agent"] == "heartmesh/1.2.3")
    }

    @Test func anotherAuthority() throws {
        let watch = try watch(.plain, cluster: trusting(front.certificates.otherAuthority))
        #expect(try watch.next() == .failed(.tls))
        #expect(try watch.next() == .failed(.tls))
        #expect(api.exchanges.isEmpty)
    }

    /// Without one, the system's authorities are trusted, of which none signed this.
    @Test func noAuthority() throws {
        #expect(try watch(.plain, cluster: "").next() == .failed(.tls))
    }

    @Test func anAuthorityThatIsNone() throws {
        #expect(try watch(.plain, cluster: "certificate-authority-data: \("no PEM".base64)").next() == .failed(.tls))
        #expect(try watch(.plain, cluster: "certificate-authority-data: \"\"").next() == .failed(.tls))
    }

    @Test func aCertificateForAnotherName() throws {
        let trust = trusting(front.certificates.authority)
        #expect(try watch(.named, cluster: trust).next() == .failed(.tls))
        #expect(try watch(.plain, cluster: trust + ", tls-server-name: api.example").next() == .failed(.tls))
        #expect(api.exchanges.isEmpty)
        let watch = try watch(.named, cluster: trust + ", tls-server-name: api.example")
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
    }

    /// nginx answers 400 where the API server would take the client for nobody.
    @Test func aClientCertificate() throws {
        let trust = trusting(front.certificates.authority)
        let watch = try watch(.client, cluster: trust, user: with(front.certificates.client))
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(try watch.next() == .confirmed)
        api.forgetExchanges()
        #expect(try self.watch(.client, cluster: trust).next() == .failed(.status))
        #expect(
            try self.watch(.client, cluster: trust, user: with(front.certificates.otherAuthority)).next()
                == .failed(.status))
        #expect(api.exchanges.isEmpty)
    }

    @Test func aClientCertificateThatIsNone() throws {
        let user = "client-certificate-data: \("no".base64), client-key-data: \("no".base64)"
        #expect(try watch(.plain, cluster: trusting(front.certificates.authority), user: user).next() == .failed(.tls))
        let mixed =
            "client-certificate-data: \(front.certificates.client.certificate.base64), "
            + "client-key-data: \(front.certificates.server.key.base64)"
        #expect(try watch(.plain, cluster: trusting(front.certificates.authority), user: mixed).next() == .failed(.tls))
    }
}
