import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// What a DNS server may do wrong over UDP, and who else may answer.
struct DNSDatagramTests {
    /// What is sent for a query, and what must come of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: Reason?
        let strays: [DNSVerdict.Stray]
        /// The query, and the right answer.
        let messages: @Sendable ([UInt8], [UInt8]) -> [[UInt8]]

        init(
            _ name: String, _ expected: Reason?, _ strays: [DNSVerdict.Stray] = [],
            _ messages: @escaping @Sendable ([UInt8], [UInt8]) -> [[UInt8]]
        ) {
            (testDescription, self.expected, self.strays, self.messages) = (name, expected, strays, messages)
        }
    }

    private static let cases = [
        Case("the right answer", nil) { [$1] },
        Case("silence", .timeout) { _, _ in [] },
        Case("a wrong id", .timeout, [.id]) { _, answer in [[answer[0] ^ 0x80] + answer[1...]] },
        Case("a wrong id first", nil, [.id]) { [[$1[0], $1[1] ^ 1] + $1[2...], $1] },
        Case("another question", .timeout, [.otherQuestion]) { [$1.with(UInt8(ascii: "x"), at: 13)] },
        Case("another type", .timeout, [.otherQuestion]) { [$1.with(28, at: 31)] },
        Case("the query itself", .timeout, [.question]) { query, _ in [query] },
        Case("another operation", .timeout, [.opcode]) { [$1.with(0xa1, at: 2)] },
        Case("nothing", .timeout, [.short]) { _, _ in [[]] },
        Case("one byte", .timeout, [.short]) { [[$1[0]]] },
        Case("garbage", .timeout, [.id]) { query, _ in [[query[0] ^ 0xff] + [UInt8](repeating: 0xc0, count: 500)] },
        Case("sixty forged answers first", nil, .init(repeating: .id, count: 60)) { _, answer in
            (1...60).map { [answer[0] ^ UInt8($0)] + answer[1...] } + [answer]
        },
        Case("twice", nil) { [$1, $1] },
        Case("cut within a record", .protocol) { [Array($1.dropLast())] },
        Case("more than it says", .protocol) { [$1 + [0]] },
        Case("more than fits", .protocol) { [$1 + [UInt8](repeating: 0, count: 9000)] },
        Case("a pointer to itself", .protocol) { [$1.with(34, at: 35)] },
        Case("truncated", .protocol) { query, _ in [stubAnswer(to: query, flags: [0x83, 0x80])] },
        Case("SERVFAIL", .rcode) { query, _ in [stubAnswer(to: query, flags: [0x81, 0x82])] },
        Case("an answer of another type", .noAnswer) { [$1.with(0xff, at: 36)] },
    ]

    @Test(arguments: cases)
    func answers(case: Case) throws {
        let rig = try Rig()
        let server = try StubDNS(on: rig.loop) { server, query in
            for message in `case`.messages(query.bytes, query.answer) { server.send(message, to: query) }
        }
        let start = Instant.now()
        let result = try rig.probeOnce(dnsTarget(.udp, server.address), timeout: .milliseconds(300))
        #expect(result.outcome.reason == `case`.expected, "\(result)")
        #expect(rig.strays == `case`.strays)
        if `case`.expected == .timeout { #expect(Instant.now() - start >= .milliseconds(300)) }
    }

    /// The kernel drops it: nobody but the server is connected to the socket.
    @Test func anAnswerFromAnotherPort() throws {
        let rig = try Rig()
        let server = try StubDNS(on: rig.loop) { $0.send($1.answer, to: $1, fromElsewhere: true) }
        let result = try rig.probeOnce(dnsTarget(.udp, server.address), timeout: .milliseconds(200))
        #expect(result.outcome == .failure(.timeout))
        #expect(rig.notes.isEmpty)
    }

    /// The answer to the first query comes after its timeout, when the second is under way: to the port of the first, and
    /// to that of the second.
    @Test func aLateAnswerIsNeverTheNextOnes() throws {
        let rig = try Rig()
        let server = try StubDNS(on: rig.loop) { server, query in
            guard server.queries.count > 1, let first = server.queries.first else { return }
            server.send(first.answer, to: first)
            server.send(first.answer, to: query)
        }
        let slot = rig.prober.add(
            try dnsTarget(.udp, server.address), interval: .milliseconds(150), timeout: .milliseconds(100))
        #expect(rig.turn(while: { rig.results.count < 3 }))
        rig.prober.remove(slot)
        #expect(rig.results.allSatisfy { $0.outcome == .failure(.timeout) })
        #expect(rig.strays.count >= 1 && rig.strays.allSatisfy { $0 == .id })
    }

    /// The next query is answered as if nothing had been.
    @Test func afterATimeoutTheNextAnswerCounts() throws {
        let rig = try Rig()
        let server = try StubDNS(on: rig.loop) { server, query in
            if server.queries.count > 1 { server.send(query.answer, to: query) }
        }
        let slot = rig.prober.add(
            try dnsTarget(.udp, server.address), interval: .milliseconds(150), timeout: .milliseconds(100))
        #expect(rig.turn(while: { rig.results.count < 2 }))
        rig.prober.remove(slot)
        #expect(rig.results[0].outcome == .failure(.timeout))
        #expect(rig.results[1].outcome.isSuccess)
    }

    /// Port and id are others each time.
    @Test func nothingCanBeGuessed() throws {
        let rig = try Rig()
        let server = try StubDNS(on: rig.loop) { $0.send($1.answer, to: $1) }
        let slot = rig.prober.add(
            try dnsTarget(.udp, server.address), interval: .milliseconds(1), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 200 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        let ids = server.queries.map { UInt16($0.bytes[0]) << 8 | UInt16($0.bytes[1]) }
        #expect(Set(ids).count > 180)
        let steps = zip(ids, ids.dropFirst()).map { $1 &- $0 }
        #expect(Set(steps).count > 150)
        #expect(Set(server.queries.map(\.port)).count > 150)
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
    }

    /// An endless stream of forged answers ends with the timeout, and holds nobody else up.
    @Test func aFloodEndsWithTheTimeout() throws {
        let rig = try Rig()
        var flooding = true
        let flood = try StubDNS(on: rig.loop) { server, query in
            let forged = [query.bytes[0] ^ 1] + query.answer[1...]
            // As long as somebody reads them: the kernel drops what does not fit.
            for _ in 0..<2000 where flooding { server.send(forged, to: query) }
        }
        let good = try StubDNS(on: rig.loop) { $0.send($1.answer, to: $1) }
        let bad = try rig.prober.add(
            dnsTarget(.udp, flood.address), interval: .milliseconds(50), timeout: .milliseconds(200))
        let slot = try rig.prober.add(
            dnsTarget(.udp, good.address), interval: .milliseconds(50), timeout: .milliseconds(200))
        #expect(rig.turn(while: { rig.results(of: bad).count < 5 }))
        flooding = false
        #expect(rig.results(of: bad).allSatisfy { $0.outcome == .failure(.timeout) })
        #expect(rig.results(of: slot).count >= 3)
        #expect(rig.results(of: slot).allSatisfy { $0.outcome.isSuccess }, "\(rig.results(of: slot))")
    }

    /// What is removed tells nothing, strays neither.
    @Test func aRemovedTargetHasNoNotes() throws {
        let rig = try Rig()
        let server = try StubDNS(on: rig.loop) { _, _ in }
        let slot = rig.prober.add(
            try dnsTarget(.udp, server.address), interval: .milliseconds(20), timeout: .milliseconds(300))
        #expect(rig.turn(while: { server.queries.isEmpty }))
        rig.prober.remove(slot)
        for query in server.queries { server.send([1, 2, 3], to: query) }
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.notes.isEmpty && rig.results.isEmpty)
    }
}

extension Rig {
    var strays: [DNSVerdict.Stray] {
        notes.compactMap { if case .stray(let stray) = $0 { stray } else { nil } }
    }

    /// The result of one probe: the second would be due after it.
    func probeOnce(_ target: Target, timeout: Duration) throws -> Result {
        let slot = prober.add(target, interval: min(timeout, .seconds(1)) + .milliseconds(50), timeout: timeout)
        try #require(turn(while: { self.results.isEmpty }))
        prober.remove(slot)
        try #require(turn(while: { self.prober.active > 0 }))
        return results[0]
    }
}

extension [UInt8] {
    fileprivate func with(_ byte: UInt8, at index: Int) -> [UInt8] {
        var copy = self
        copy[index] = byte
        return copy
    }
}
