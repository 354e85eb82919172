import Support
import Testing

@testable import Discovery

/// The connection is kept from look to look, for a minute each; what it goes through may die meanwhile without a word.
struct KubernetesSourceDeadConnectionTests {
    @Test(arguments: [TLSFront.Door.plain, .http2]) func afterATimeoutAnotherConnectionIsUsed(
        door: TLSFront.Door
    ) async throws {
        let api = try RecordedAPI(serving: threeNodes)
        let front = try await TLSFront(api)
        let relay = try Relay(to: front.address(door))
        let trust = "certificate-authority-data: \(front.certificates.authority.certificate.base64)"
        let server = try APIServer.kubeconfig(front.kubeconfig(door, cluster: trust, port: relay.port))
        let watch = try Watch(server) { $0.timeout = .milliseconds(500) }
        try watch.next()
        #expect(try watch.next() == .confirmed)
        relay.silence()
        #expect(try watch.next() == .failed(.timeout))
        var told = try watch.next()
        // On a loaded machine a good answer too may take longer than that timeout.
        for _ in 0..<5 where told == .failed(.timeout) { told = try watch.next() }
        #expect(told == .confirmed)
    }
}
