import Glibc
import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// What the kernel knows of lost packets, on a network that loses those that the test names.
@Suite(.enabled(if: LossyNetwork.isPermitted, "network namespaces need root"), .serialized)
struct LossTests {
    /// What one probe came to.
    struct Finding: Sendable {
        let outcome: Outcome
        let detail: String
        let retransmissions: Retransmissions

        /// From a moment before its start until its outcome.
        let duration: Duration

        /// On a busy machine the prober itself does not know.
        var latency: Duration { outcome.latency ?? duration }
    }

    private static let kinds: [ProbeProtocol] = [.http, .https, .tcp]

    /// The first packet that matches, and no other.
    private static let first = "numgen inc mod 1000000 == 0"

    /// - Parameter loss: Of the server's port, what is lost.
    private static func probe(
        _ kind: ProbeProtocol, payloadSize: Int = 0, timeout: Duration = .seconds(30), isConfigured: Bool = false,
        losing loss: @escaping @Sendable (UInt16) -> String
    ) async throws -> Finding {
        let certificates = try Certificates.shared.get()
        return try await LossyNetwork().run {
            let server = try Server(kind, certificates)
            try LossyNetwork.lose(loss(server.address.port))
            let target = Target(
                channel: .pod, probe: kind, address: try #require(IPAddress(server.address.host)),
                port: server.address.port, payloadSize: payloadSize,
                answerer: kind == .http ? .node("node-a") : .server)
            let rig = try Rig(trust: [.pod: .certificates(try readFile("\(certificates.folder)/authority.crt"))])
            let own = try configured(server.address, kind)
            if isConfigured {
                rig.prober.requestSettings[own.name] = RequestSettings(url: "\(kind.rawValue)://\(server.address)/")
            }
            let start = Instant.now()
            let slot = rig.prober.add(isConfigured ? own : target, interval: try oneBeat(), timeout: timeout)
            try #require(rig.turn(while: { rig.lags.isEmpty }))
            try #require(rig.turn(while: { rig.results.isEmpty }))
            let duration = Instant.now() - start
            rig.prober.remove(slot)
            try #require(rig.turn(while: { rig.prober.active > 0 }))
            #expect(rig.retransmissions[slot, default: []].count <= 1)
            return Finding(
                outcome: rig.results[0].outcome, detail: rig.results[0].detail,
                retransmissions: rig.retransmissions[slot]?.first ?? Retransmissions(), duration: duration)
        }
    }

    /// An interval that begins in a moment and lasts for a minute and more: there is no second probe.
    private static func oneBeat() throws -> Duration {
        let now = Instant.now()
        return try #require(
            (60_000..<600_000).lazy.map { Duration.milliseconds($0) }.first { interval in
                var schedule = Schedule(seed: stableHash("own"))
                _ = schedule.add(interval: interval, at: now)
                return schedule.nextDue - now < .milliseconds(200) && schedule.nextDue - now > .milliseconds(50)
            })
    }

    @Test(arguments: kinds)
    func nothingIsLost(kind: ProbeProtocol) async throws {
        let finding = try await Self.probe(kind) { _ in "tcp dport 1" }
        #expect(finding.outcome.isSuccess, "\(finding)")
        #expect(finding.retransmissions.isEmpty)
    }

    /// A success that shows the loss.
    @Test(arguments: kinds)
    func theFirstSYNIsLost(kind: ProbeProtocol) async throws {
        let finding = try await Self.probe(kind) { "tcp dport \($0) tcp flags & (syn | ack) == syn \(Self.first)" }
        #expect(finding.outcome.isSuccess && finding.latency >= .seconds(1), "\(finding)")
        #expect(finding.retransmissions == Retransmissions(connect: 1, data: 0))
    }

    /// Our own kernel sends the SYN again a little before the peer's sends its answer again.
    @Test func theAnswerToTheSYNIsLost() async throws {
        let finding = try await Self.probe(.http) {
            "tcp sport \($0) tcp flags & (syn | ack) == syn | ack \(Self.first)"
        }
        #expect(finding.outcome.isSuccess && finding.latency >= .seconds(1), "\(finding)")
        #expect(finding.retransmissions == Retransmissions(connect: 1, data: 0))
    }

    /// The request, and of TLS the first message of the handshake: the connection stands already.
    @Test(arguments: [ProbeProtocol.http, .https])
    func whatIsSentFirstIsLost(kind: ProbeProtocol) async throws {
        let finding = try await Self.probe(kind) { "tcp dport \($0) tcp flags & psh == psh \(Self.first)" }
        #expect(finding.outcome.isSuccess, "\(finding)")
        #expect(finding.retransmissions.connect == 0)
        #expect(finding.retransmissions.data >= 1)
    }

    /// What the peer sends is the peer's to send again: only the latency shows it.
    @Test func theReplyIsLost() async throws {
        let finding = try await Self.probe(.http) { "tcp sport \($0) tcp flags & psh == psh \(Self.first)" }
        #expect(finding.outcome.isSuccess && finding.latency >= .milliseconds(100), "\(finding)")
        #expect(finding.retransmissions.isEmpty)
    }

    @Test(arguments: kinds)
    func allSYNsAreLost(kind: ProbeProtocol) async throws {
        let finding = try await Self.probe(kind, timeout: .seconds(4)) { "tcp dport \($0)" }
        #expect(finding.outcome == .failure(.timeout))
        // After 1, 2 and 3 s; by kernels before 6.5 after 1 and 3 s.
        let isLinear = access("/proc/sys/net/ipv4/tcp_syn_linear_timeouts", F_OK) == 0
        #expect(finding.retransmissions == Retransmissions(connect: isLinear ? 3 : 2, data: 0))
    }

    /// Of configured targets too, which have handles of their own.
    @Test(arguments: [ProbeProtocol.http, .https])
    func allSYNsOfAConfiguredTargetAreLost(kind: ProbeProtocol) async throws {
        let finding = try await Self.probe(kind, timeout: .seconds(2), isConfigured: true) { "tcp dport \($0)" }
        #expect(finding.outcome == .failure(.timeout))
        #expect(finding.retransmissions.connect >= 1 && finding.retransmissions.data == 0)
    }

    @Test func allThatIsSentIsLost() async throws {
        let finding = try await Self.probe(.http, timeout: .milliseconds(1500)) {
            "tcp dport \($0) tcp flags & psh == psh"
        }
        #expect(finding.outcome == .failure(.timeout))
        #expect(finding.retransmissions.connect == 0)
        #expect(finding.retransmissions.data >= 1)
    }

    /// The SYN was sent again, and then nobody listened any more.
    @Test(arguments: kinds)
    func aRefusalAfterALoss(kind: ProbeProtocol) async throws {
        let finding = try await Self.probe(kind) {
            "tcp dport \($0) tcp flags & (syn | ack) == syn numgen inc mod 2 == 0 drop; add rule inet loss in tcp dport \($0) "
                + "tcp flags & (syn | ack) == syn reject with tcp reset; add rule inet loss in tcp dport 1"
        }
        #expect(finding.outcome == .failure(.refused), "\(finding)")
        #expect(finding.retransmissions == Retransmissions(connect: 1, data: 0))
    }

    /// An MTU black hole.
    @Test func packetsOverABoundAreLost() async throws {
        let loss = { @Sendable (_: UInt16) in "meta length > 1400" }
        let small = try await Self.probe(.http, losing: loss)
        #expect(small.outcome.isSuccess, "\(small)")
        #expect(small.retransmissions.isEmpty)
        let large = try await Self.probe(.http, payloadSize: 8192, timeout: .seconds(2), losing: loss)
        #expect(large.outcome == .failure(.timeout), "\(large)")
        #expect(large.retransmissions.connect == 0)
        #expect(large.retransmissions.data >= 1)
    }
}

/// Something that each kind of probe finds well.
private final class Server {
    let address: SocketAddress
    private let stub: StubServer?
    private let openssl: Running?

    init(_ kind: ProbeProtocol, _ certificates: Certificates) throws {
        if kind != .https {
            let stub = try StubServer { request in [.bytes(largeAnswer(to: request))] }
            self.stub = stub
            address = stub.address
            openssl = nil
            return
        }
        let port = try FreePort()
        stub = nil
        address = port.address
        let path = "\(certificates.folder)/front"
        openssl = try Running(
            "openssl", ["s_server", "-accept", "\(address)", "-cert", "\(path).crt", "-key", "\(path).key", "-www"])
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            do {
                try Connection.open(to: address, deadline: deadline).close()
                return
            } catch {
                if ContinuousClock.now >= deadline { throw error }
                usleep(10_000)
            }
        }
    }
}
