import Mesh
import Support
import Testing

@testable import Probing

/// Against unbound.
struct DNSServerTests {
    /// A question, and what must come of it over each transport.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let type: DNSType
        let expected: Reason?
        let detail: String
        var expectation = DNSExpectation.anAnswer

        var testDescription: String { "\(name) \(type): \(detail)" }

        init(_ name: String, _ type: DNSType, _ expected: Reason?, _ detail: String) {
            (self.name, self.type, self.expected, self.detail) = (name, type, expected, detail)
        }

        func expecting(
            _ rcodes: [DNSRcode] = [.noError], _ answers: [String] = [], _ match: DNSExpectation.Match = .any,
            needsAnswer: Bool = true
        ) -> Case {
            var copy = self
            do {
                copy.expectation = try DNSExpectation(
                    of: type, rcodes: rcodes, needsAnswer: needsAnswer, answers: answers, match: match)
            } catch {
                preconditionFailure(error.description)
            }
            return copy
        }

        var question: DNSQuestion {
            var question = DNSQuestion(name: DNSName(known: name), type: type)
            question.expectation = expectation
            return question
        }
    }

    private static let cases = [
        Case("www.example.test", .a, nil, "NOERROR, 2 answers"),
        Case("WWW.example.test.", .aaaa, nil, "NOERROR, 1 answer"),
        Case("mail.example.test", .mx, nil, "NOERROR, 1 answer").expecting([.noError], ["10 www.example.test"]),
        Case("www.example.test", .a, nil, "NOERROR, 2 answers").expecting([.noError], ["192.0.2.2", "192.0.2.9"]),
        Case("www.example.test", .a, nil, "NOERROR, 2 answers").expecting(
            [.noError], ["192.0.2.2", "192.0.2.1"], .all),
        Case("www.example.test", .a, .body, "the answer is not as expected: ").expecting(
            [.noError], ["192.0.2.1", "192.0.2.9"], .all),
        Case("www.example.test", .mx, .noAnswer, "the answer is empty"),
        Case("www.example.test", .mx, nil, "NOERROR, 0 answers").expecting(needsAnswer: false),
        Case("none.example.test", .a, .rcode, "the server answered NXDOMAIN"),
        Case("none.example.test", .a, nil, "NXDOMAIN, 0 answers").expecting([.nameError]),
        Case("www.example.test", .a, .rcode, "the server answered NOERROR").expecting([.nameError]),
        Case("www.broken.example", .a, .rcode, "the server answered SERVFAIL"),
        Case("www.broken.example", .a, nil, "SERVFAIL, 0 answers").expecting([.noError, .serverFailure]),
        Case("www.refused.test", .a, .rcode, "the server answered REFUSED"),
    ]

    @Test(arguments: cases, Channel.dns.protocols)
    func whatTheServerSays(case: Case, transport: ProbeProtocol) async throws {
        let result = try await ask(`case`.question, over: transport)
        #expect(result.outcome.reason == `case`.expected, "\(result)")
        #expect(result.detail.hasPrefix(`case`.detail), "\(result)")
    }

    /// The server's answer over UDP has no room for the records; over TCP and what stands on it they come.
    @Test func truncation() async throws {
        var question = DNSQuestion(name: DNSName(known: "long.example.test"), type: .txt)
        let cut = try await ask(question, over: .udp)
        #expect(cut.outcome == .failure(.protocol))
        #expect(cut.detail == "the answer is truncated")
        for transport in Channel.dns.protocols where transport != .udp {
            #expect(try await ask(question, over: transport).detail == "NOERROR, 4 answers")
        }
        question.repeatsTruncatedOverTCP = true
        let whole = try await ask(question, over: .udp)
        #expect(whole.outcome.isSuccess && whole.detail == "NOERROR, 4 answers", "\(whole)")
    }

    /// What made a probe fail is told once, beside its outcome.
    @Test(arguments: Channel.dns.protocols)
    func rcodesAreTold(transport: ProbeProtocol) async throws {
        let rig = try Rig()
        rig.prober.questions["test"] = try await trusted(
            DNSQuestion(name: DNSName(known: "www.broken.example"), type: .a))
        let slot = try await rig.prober.add(target(transport), interval: .milliseconds(20), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 3 }))
        rig.prober.remove(slot)
        #expect(rig.notes == [DNSNote](repeating: .rcode(.serverFailure), count: rig.results.count))
    }

    @Test(arguments: [ProbeProtocol.tls, .https], ["127.0.0.1", "::1"])
    func theNameInTheCertificate(transport: ProbeProtocol, address: String) async throws {
        let server = try await DNSFront.shared.value.address(transport == .tls ? .tls : .https, host: address)
        for (host, expected) in [("", nil), ("beat.example", nil), ("other.example", Reason.tls)] {
            let result = try await ask(.test(), at: dnsTarget(transport, server, host: host))
            #expect(result.outcome.reason == expected, "\(host): \(result)")
        }
    }

    @Test(arguments: [ProbeProtocol.tls, .https])
    func anAuthorityThatIsNotTrusted(transport: ProbeProtocol) async throws {
        let other = try Certificates.shared.get().folder + "/other.crt"
        for trust in [Trust.system, .file(other), .file("/no/such/file")] {
            let result = try await ask(.test(trust: trust), at: target(transport), trusting: nil)
            #expect(result.outcome == .failure(.tls), "\(result)")
        }
        let good = Trust.file(try await Front.shared.value.authority)
        #expect(try await ask(.test(trust: good), at: target(transport), trusting: nil).outcome.isSuccess)
    }

    @Test(arguments: [Front.Door.wrong, .expired, .own, .plain], [ProbeProtocol.tls, .https])
    func aCertificateThatDoesNotFit(door: Front.Door, transport: ProbeProtocol) async throws {
        let result = try await ask(.test(), at: dnsTarget(transport, Front.shared.value.address(door)))
        #expect(result.outcome == .failure(.tls), "\(result)")
    }

    /// A web server is no DNS server.
    @Test(arguments: [
        ("/", Reason.protocol, "the answer is of type text/plain, not application/dns-message"),
        ("/redirect", .status, "status 308"),
    ])
    func anotherAnswerOverHTTPS(path: String, reason: Reason, detail: String) async throws {
        let result = try await ask(.test(), at: dnsTarget(.https, Front.shared.value.address(.front), path: path))
        #expect(result.outcome == .failure(reason), "\(result)")
        #expect(result.detail == detail)
    }

    @Test func aWebServerOverTLS() async throws {
        let result = try await ask(.test(), at: dnsTarget(.tls, Front.shared.value.address(.front)))
        #expect([.failure(.protocol), .failure(.reset)].contains(result.outcome), "\(result)")
    }

    // MARK: Asking

    private func target(_ transport: ProbeProtocol) async throws -> Target {
        let door = [ProbeProtocol.tls: DNSFront.Door.tls, .https: .https][transport] ?? .plain
        return try await dnsTarget(transport, DNSFront.shared.value.address(door))
    }

    private func trusted(_ question: DNSQuestion) async throws -> DNSQuestion {
        var question = question
        question.trust = try await Front.shared.value.trust
        return question
    }

    private func ask(_ question: DNSQuestion, over transport: ProbeProtocol) async throws -> Rig.Result {
        try await ask(question, at: target(transport))
    }

    /// - Parameter trusting: Whose authority is trusted; nil: what the question says.
    private func ask(
        _ question: DNSQuestion, at target: Target, trusting front: Task<Front, any Error>? = Front.shared
    ) async throws -> Rig.Result {
        let question = front == nil ? question : try await trusted(question)
        let rig = try Rig()
        rig.prober.questions["test"] = question
        let slot = rig.prober.add(target, interval: .milliseconds(10), timeout: .seconds(30))
        try #require(rig.turn(while: { rig.results.isEmpty }))
        rig.prober.remove(slot)
        try #require(rig.turn(while: { rig.prober.active > 0 }))
        return rig.results[0]
    }
}

extension Outcome {
    var reason: Reason? {
        if case .failure(let reason) = self { reason } else { nil }
    }
}
