import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// What the kernel sends again in questions over TCP.
@Suite(.enabled(if: LossyNetwork.isPermitted, "network namespaces need root"), .serialized)
struct DNSLossTests {
    private struct Finding: Sendable {
        let outcome: Outcome
        let retransmissions: Retransmissions
    }

    /// - Parameter loss: Of the server's port, what is lost.
    private func probe(
        _ transport: ProbeProtocol, timeout: Duration = .seconds(30),
        losing loss: @escaping @Sendable (UInt16) -> String
    ) async throws -> Finding {
        try await LossyNetwork().run {
            let rig = try Rig()
            let server = try StubDNSStream(on: rig.loop) { [.bytes(framed(stubAnswer(to: $0)))] }
            try LossyNetwork.lose(loss(server.address.port))
            let result = try rig.probeOnce(dnsTarget(transport, server.address), timeout: timeout)
            let retransmissions = rig.retransmissions[result.slot]?.first ?? Retransmissions()
            return Finding(outcome: result.outcome, retransmissions: retransmissions)
        }
    }

    @Test func nothingIsLost() async throws {
        let finding = try await probe(.tcp) { _ in "tcp dport 1" }
        #expect(finding.outcome.isSuccess)
        #expect(finding.retransmissions.isEmpty)
    }

    @Test func theQuestionIsLost() async throws {
        let finding = try await probe(.tcp) { "tcp dport \($0) tcp flags & psh == psh numgen inc mod 1000000 == 0" }
        #expect(finding.outcome.isSuccess)
        #expect(finding.retransmissions.connect == 0)
        #expect(finding.retransmissions.data >= 1)
    }

    @Test(arguments: [ProbeProtocol.tcp, .tls, .https])
    func allSYNsAreLost(transport: ProbeProtocol) async throws {
        let finding = try await probe(transport, timeout: .seconds(2)) { "tcp dport \($0)" }
        #expect(finding.outcome == .failure(.timeout))
        #expect(finding.retransmissions.connect >= 1)
        #expect(finding.retransmissions.data == 0)
    }

    /// Of TLS the first message of the handshake.
    @Test(arguments: [ProbeProtocol.tls, .https])
    func whatIsSentFirstIsLost(transport: ProbeProtocol) async throws {
        let finding = try await probe(transport, timeout: .seconds(2)) { "tcp dport \($0) tcp flags & psh == psh" }
        #expect(finding.outcome == .failure(.timeout))
        #expect(finding.retransmissions.connect == 0)
        #expect(finding.retransmissions.data >= 1)
    }
}
