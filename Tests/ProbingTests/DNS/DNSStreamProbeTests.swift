import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// What a DNS server may do wrong over TCP.
struct DNSStreamProbeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: Reason?
        /// From the right answer, with its length in front.
        let steps: @Sendable ([UInt8]) -> [StubDNSStream.Step]

        init(_ name: String, _ expected: Reason?, _ steps: @escaping @Sendable ([UInt8]) -> [StubDNSStream.Step]) {
            (testDescription, self.expected, self.steps) = (name, expected, steps)
        }
    }

    private static let cases = [
        Case("the right answer", nil) { [.bytes($0)] },
        Case("and closed", nil) { [.bytes($0), .close] },
        Case("one byte at a time", nil) { $0.map { .bytes([$0]) } },
        Case("twice", nil) { [.bytes($0 + $0)] },
        Case("silence", .timeout) { _ in [] },
        Case("closed", .reset) { _ in [.close] },
        Case("reset", .reset) { _ in [.reset] },
        Case("a length of nothing", .protocol) { _ in [.bytes([0, 0])] },
        Case("a length that is too short", .protocol) { [.bytes([0, $0[1] - 1] + $0[2...])] },
        Case("a length that is too long, and silence", .timeout) { [.bytes([0xff, 0xff] + $0[2...])] },
        Case("a length that is too long, and the end", .reset) { [.bytes([0, $0[1] + 1] + $0[2...]), .close] },
        Case("bytes without end", .timeout) { _ in
            [.bytes([0xff, 0xff])] + .init(repeating: .bytes([0]), count: 10_000)
        },
        Case("a wrong id", .protocol) { [.bytes($0[..<2] + [$0[2] ^ 1] + $0[3...])] },
        Case("another question", .protocol) { [.bytes($0[..<15] + [UInt8(ascii: "x")] + $0[16...])] },
        Case("truncated", .protocol) { [.bytes($0[..<4] + [$0[4] | 2] + $0[5...])] },
        Case("NXDOMAIN", .rcode) { [.bytes($0[..<5] + [$0[5] | 3] + $0[6...])] },
        Case("a web server's answer", .reset) { _ in [.bytes(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), .close] },
    ]

    private func probe(_ steps: @escaping ([UInt8]) -> [StubDNSStream.Step]) throws -> (Rig.Result, [DNSNote]) {
        let rig = try Rig()
        let server = try StubDNSStream(on: rig.loop) { query in steps(framed(stubAnswer(to: query))) }
        let result = try rig.probeOnce(dnsTarget(.tcp, server.address), timeout: .milliseconds(500))
        return (result, rig.notes)
    }

    @Test(arguments: cases)
    func answers(case: Case) throws {
        let (result, notes) = try probe(`case`.steps)
        #expect(result.outcome.reason == `case`.expected, "\(result)")
        // A connection has one answer: what is wrong about it is the probe's outcome.
        #expect(notes == (`case`.expected == .rcode ? [.rcode(.nameError)] : []))
    }

    /// After each byte of the answer.
    @Test(arguments: [true, false])
    func theConnectionEndsWithinTheAnswer(isReset: Bool) throws {
        let length = framed(stubAnswer(to: DNSQuery(id: 0, name: DNSAnswer.name, type: .a).message())).count
        let rig = try Rig()
        var count = 0
        let server = try StubDNSStream(on: rig.loop) { query in
            count += 1
            return [.bytes(Array(framed(stubAnswer(to: query))[..<(count % length)])), isReset ? .reset : .close]
        }
        let slot = rig.prober.add(
            try dnsTarget(.tcp, server.address), interval: .milliseconds(5), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < length }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.results.allSatisfy { $0.outcome == .failure(.reset) })
    }

    /// The question that UDP's answer was too long for: another port, another id, the same deadline.
    @Test func aTruncatedAnswerIsAskedForAgain() throws {
        let rig = try Rig()
        var ids: [[UInt8]] = []
        let stream = try StubDNSStream(on: rig.loop) { query in
            ids.append(Array(query[..<2]))
            return [.bytes(framed(stubAnswer(to: query)))]
        }
        let datagrams = try StubDNS(on: rig.loop, port: stream.address.port) { server, query in
            server.send(stubAnswer(to: query.bytes, flags: [0x83, 0x80]), to: query)
        }
        rig.prober.questions["test"]!.repeatsTruncatedOverTCP = true
        let result = try rig.probeOnce(dnsTarget(.udp, stream.address), timeout: .seconds(30))
        #expect(result.outcome.isSuccess, "\(result)")
        #expect(ids.count == 1 && ids[0] != Array(datagrams.queries[0].bytes[..<2]))
    }

    @Test func theTimeoutIsOneForBoth() throws {
        let rig = try Rig()
        let stream = try StubDNSStream(on: rig.loop) { _ in [] }
        let datagrams = try StubDNS(on: rig.loop, port: stream.address.port) { server, query in
            server.send(stubAnswer(to: query.bytes, flags: [0x83, 0x80]), to: query)
        }
        rig.prober.questions["test"]!.repeatsTruncatedOverTCP = true
        let start = Instant.now()
        let result = try rig.probeOnce(dnsTarget(.udp, stream.address), timeout: .milliseconds(200))
        #expect(result.outcome == .failure(.timeout))
        #expect(datagrams.queries.count == 1)
        // The beat is due within a second.
        #expect(Instant.now() - start < .seconds(3))
    }

    /// Of a server that has no TCP the failure is TCP's.
    @Test func nobodyListensForTheSecondQuestion() throws {
        let rig = try Rig()
        let datagrams = try StubDNS(on: rig.loop) { server, query in
            server.send(stubAnswer(to: query.bytes, flags: [0x83, 0x80]), to: query)
        }
        rig.prober.questions["test"]!.repeatsTruncatedOverTCP = true
        let result = try rig.probeOnce(dnsTarget(.udp, datagrams.address), timeout: .seconds(30))
        #expect(result.outcome == .failure(.refused))
    }
}

/// A message with its length in front.
func framed(_ message: [UInt8]) -> [UInt8] {
    [UInt8(message.count >> 8), UInt8(message.count & 0xff)] + message
}
