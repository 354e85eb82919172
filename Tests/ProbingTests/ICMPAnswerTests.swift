import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// A host's misbehaviour: what the probe must end as, and what the messages are counted as.
struct ICMPFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let reason: Reason?
    let unexpected: [UnexpectedReply: Int]
    let timeout: Duration
    let answer: @Sendable (_ request: [UInt8], IPFamily) -> [EchoAnswerer.Reply]

    init(
        _ name: String, _ reason: Reason?, _ unexpected: [UnexpectedReply: Int] = [:],
        timeout: Duration = .milliseconds(200),
        _ answer: @escaping @Sendable ([UInt8], IPFamily) -> [EchoAnswerer.Reply]
    ) {
        testDescription = name
        self.reason = reason
        self.unexpected = unexpected
        self.timeout = timeout
        self.answer = answer
    }
}

/// Answers in the place of the kernel's.
@Suite(.enabled(if: LossyNetwork.isPermitted, "network namespaces need root"), .serialized)
struct ICMPAnswerTests {
    private static func reply(
        _ request: [UInt8], _ family: IPFamily, after delay: Duration = .zero, isFromElsewhere: Bool = false,
        change: (inout [UInt8]) -> Void = { _ in }
    ) -> EchoAnswerer.Reply {
        .init(
            EchoTests.reply(to: request, family, change: change), after: delay, isFromElsewhere: isFromElsewhere)
    }

    /// The time-out of these probes is 200 ms.
    private static let faults = [
        ICMPFault("right", nil) { [reply($0, $1)] },
        ICMPFault("late", .timeout, [.late: 1]) { [reply($0, $1, after: .milliseconds(400))] },
        ICMPFault("twice", nil, [.duplicate: 1]) { [reply($0, $1), reply($0, $1)] },
        ICMPFault("late and twice", .timeout, [.late: 2]) {
            [reply($0, $1, after: .milliseconds(400)), reply($0, $1)]
        },
        ICMPFault("another nonce", .timeout, [.foreign: 1]) { [reply($0, $1) { $0[8] ^= 1 }] },
        ICMPFault("another nonce, then the right one", nil, [.foreign: 1]) {
            [reply($0, $1) { $0[15] ^= 1 }, reply($0, $1)]
        },
        ICMPFault("another sequence number", .timeout, [.foreign: 1]) { [reply($0, $1) { $0[7] &+= 1 }] },
        // Not brought by the kernel, or known to be somebody else's.
        ICMPFault("another identifier", .timeout) { [reply($0, $1) { $0[4] ^= 1 }] },
        ICMPFault("from elsewhere", .timeout, [.foreign: 1]) { [reply($0, $1, isFromElsewhere: true)] },
        ICMPFault("from elsewhere, then the right one", nil, [.foreign: 1]) {
            [reply($0, $1, isFromElsewhere: true), reply($0, $1)]
        },
        ICMPFault("a code", .timeout, [.foreign: 1]) { [reply($0, $1) { $0[1] = 1 }] },
        ICMPFault("other contents", .timeout, [.foreign: 1]) { [reply($0, $1) { $0[40] ^= 1 }] },
        ICMPFault("cut off", .timeout, [.foreign: 1]) { [reply($0, $1) { $0.removeLast(2) }] },
        ICMPFault("the header alone", .timeout, [.foreign: 1]) { [reply($0, $1) { $0.removeLast(56) }] },
        ICMPFault("longer", .timeout, [.foreign: 1]) { [reply($0, $1) { $0 += Array(repeating: 0, count: 1000) }] },
        ICMPFault("the request itself", .timeout) { request, _ in [.init(request)] },
    ]

    /// On raw sockets of IPv4, where nearly everything is left to the prober, and on datagram sockets of IPv6.
    @Test(arguments: faults, [(EchoSocket.Kind.raw, IPFamily.ipv4), (.datagram, .ipv6)])
    func badAnswersAreNoSuccess(fault: ICMPFault, socket: (kind: EchoSocket.Kind, family: IPFamily)) async throws {
        try await Self.expect(fault, ICMPNetwork(kind: socket.kind, family: socket.family))
    }

    /// Only IPv4's raw sockets see it.
    @Test(arguments: zip([EchoSocket.Kind.datagram, .raw], [[:], [UnexpectedReply.foreign: 1]]))
    func aWrongChecksumIsNoSuccess(kind: EchoSocket.Kind, unexpected: [UnexpectedReply: Int]) async throws {
        let fault = ICMPFault("checksum", .timeout, unexpected) { request, family in
            var bytes = EchoTests.reply(to: request, family)
            bytes[3] ^= 1
            return [.init(bytes)]
        }
        try await Self.expect(fault, ICMPNetwork(kind: kind, family: .ipv4))
    }

    /// What quotes a request as ICMP's errors do (RFC 792), of as many bytes of it.
    private static func error(
        _ type: UInt8, _ code: UInt8, about request: [UInt8], count: Int, change: (inout [UInt8]) -> Void = { _ in }
    ) -> EchoAnswerer.Reply {
        var packet: [UInt8] = [0x45, 0, 0, 84, 0, 0, 0x40, 0, 64, 1, 0, 0, 127, 0, 0, 1, 127, 0, 0, 9]
        let sum = packet.withUnsafeBytes { Echo.checksum($0) }
        packet[10...11] = [UInt8(sum >> 8), UInt8(sum & 0xff)]
        packet += request.prefix(count)
        change(&packet)
        return reply([type, code, 0, 0, 0, 0, 0, 0] + packet, .ipv4) { $0[0] = type }
    }

    /// So that what came before has been read.
    private static let soon = Duration.milliseconds(50)

    private static let errors = [
        ICMPFault("the whole request", .unreachable) { request, _ in [error(3, 1, about: request, count: 64)] },
        ICMPFault("no more than its header", .unreachable) { request, _ in [error(3, 1, about: request, count: 8)] },
        ICMPFault("its time to live", .unreachable) { request, _ in [error(11, 0, about: request, count: 64)] },
        ICMPFault("its size", .unreachable) { request, _ in [error(3, 4, about: request, count: 64)] },
        ICMPFault("another sequence number", nil, timeout: .seconds(1)) { request, family in
            [error(3, 1, about: request, count: 64) { $0[27] &+= 1 }, reply(request, family, after: soon)]
        },
        ICMPFault("another nonce", nil, timeout: .seconds(1)) { request, family in
            [error(3, 1, about: request, count: 64) { $0[28] &+= 1 }, reply(request, family, after: soon)]
        },
        ICMPFault("another address", nil, timeout: .seconds(1)) { request, family in
            [error(3, 1, about: request, count: 64) { $0[19] = 8 }, reply(request, family, after: soon)]
        },
        ICMPFault("another message", nil, timeout: .seconds(1)) { request, family in
            [error(3, 1, about: request, count: 64) { $0[20] = 0 }, reply(request, family, after: soon)]
        },
        // RFC 6633: from those who have not heard of it, it is no error.
        ICMPFault("source quench", nil, timeout: .seconds(1)) { request, family in
            [error(4, 0, about: request, count: 64), reply(request, family, after: soon)]
        },
        ICMPFault("an error after the reply", nil) { request, family in
            [reply(request, family), error(3, 1, about: request, count: 64)]
        },
        ICMPFault("a reply after the error", .unreachable, [.late: 1]) { request, family in
            [error(3, 1, about: request, count: 64), reply(request, family, after: .milliseconds(400))]
        },
    ]

    @Test(arguments: errors, [EchoSocket.Kind.datagram, .raw])
    func anErrorIsOfTheProbeThatItQuotes(fault: ICMPFault, kind: EchoSocket.Kind) async throws {
        try await Self.expect(fault, ICMPNetwork(kind: kind, family: .ipv4))
    }

    private static func expect(_ fault: ICMPFault, _ network: ICMPNetwork) async throws {
        try await network.run(kernelAnswers: false) {
            let isFirst = Locked(true)
            let server = try EchoAnswerer([network.other, network.elsewhere]) { request in
                // The others get nothing.
                isFirst.with { first in
                    defer { first = false }
                    return first
                } ? fault.answer(request, network.family) : []
            }
            let rig = try Rig()
            let slot = rig.prober.add(
                try icmpTarget(network.other), interval: fault.timeout + .milliseconds(100), timeout: fault.timeout)
            guard rig.turn(while: { rig.results.isEmpty || rig.unexpected != fault.unexpected }) else {
                throw Unexpected("\(rig.results.prefix(3)) \(rig.unexpected)")
            }
            let outcome = rig.results[0].outcome
            if fault.reason.map({ outcome != .failure($0) }) ?? !outcome.isSuccess { throw Unexpected("\(outcome)") }
            // What comes late has come by now.
            guard rig.turn(while: { rig.results.count < 2 }) else { throw Unexpected("no second probe") }
            rig.prober.remove(slot)
            try #require(rig.turn(while: { rig.prober.active > 0 }))
            if rig.unexpected != fault.unexpected { throw Unexpected("\(rig.unexpected)") }
            if rig.results.dropFirst().contains(where: { $0.outcome.isSuccess }) { throw Unexpected("\(rig.results)") }
            withExtendedLifetime(server) {}
        }
    }
}
