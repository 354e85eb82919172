import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// A UDP responder's misbehaviour: what the probe must end as, and what the datagrams are counted as.
struct UDPFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let reason: Reason?
    let unexpected: [UnexpectedReply: Int]
    let answer: @Sendable ([UInt8]) -> [DatagramServer.Reply]

    init(
        _ name: String, _ reason: Reason?, _ unexpected: [UnexpectedReply: Int] = [:],
        _ answer: @escaping @Sendable ([UInt8]) -> [DatagramServer.Reply]
    ) {
        testDescription = name
        self.reason = reason
        self.unexpected = unexpected
        self.answer = answer
    }
}

@Suite(.serialized) struct UDPProbeTests {
    private static func reply(_ request: [UInt8], change: (inout Beat) -> Void = { _ in }) -> [UInt8] {
        UDPAnswerer.reply(to: request, change: change)
    }

    /// The time-out of these probes is 200 ms.
    private static let faults = [
        UDPFault("late", .timeout, [.late: 1]) { [.init(reply($0), after: .milliseconds(400))] },
        UDPFault("twice", nil, [.duplicate: 1]) { [.init(reply($0)), .init(reply($0))] },
        UDPFault("four times", nil, [.duplicate: 3]) { request in (0..<4).map { _ in .init(reply(request)) } },
        UDPFault("late and twice", .timeout, [.late: 2]) {
            [.init(reply($0), after: .milliseconds(400)), .init(reply($0))]
        },
        UDPFault("another nonce", .timeout, [.foreign: 1]) { [.init(reply($0) { $0.nonce ^= 1 })] },
        UDPFault("another nonce, then the right one", nil, [.foreign: 1]) {
            [.init(reply($0) { $0.nonce ^= 1 }), .init(reply($0))]
        },
        UDPFault("another sequence number", .timeout, [.foreign: 1]) { [.init(reply($0) { $0.sequence += 1 })] },
        UDPFault("sequence number 0", .timeout, [.foreign: 1]) { [.init(reply($0) { $0.sequence = 0 })] },
        UDPFault("another flow", .timeout, [.foreign: 1]) { [.init(reply($0) { $0.flow ^= 1 << 40 })] },
        UDPFault("a flow of another place", .timeout, [.foreign: 1]) { [.init(reply($0) { $0.flow ^= 0xfffff })] },
        UDPFault("from another port", .timeout, [.foreign: 1]) { [.init(reply($0), fromAnotherPort: true)] },
        UDPFault("the request itself", .timeout, [.foreign: 1]) { [.init($0)] },
        UDPFault("empty", .timeout, [.foreign: 1]) { _ in [.init([])] },
        UDPFault("something else", .timeout, [.foreign: 1]) { _ in [.init(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))] },
        UDPFault("cut off", .timeout, [.foreign: 1]) { [.init(Array(reply($0).prefix(47)))] },
        UDPFault("longer than the request", nil) { [.init(reply($0) + Array(repeating: 0, count: 1000))] },
        UDPFault("no identity", .wrongPeer) { [.init(Array(reply($0).prefix(48)))] },
        UDPFault("another mesh", .wrongPeer) { [.init(UDPAnswerer.reply(to: $0, mesh: "tes"))] },
        UDPFault("another node", .wrongPeer) { [.init(UDPAnswerer.reply(to: $0, node: "node-aa"))] },
        UDPFault("another node, then the right one", .wrongPeer, [.duplicate: 1]) {
            [.init(UDPAnswerer.reply(to: $0, node: "node-b")), .init(reply($0))]
        },
    ]

    @Test(arguments: faults) func badAnswersAreNoSuccess(fault: UDPFault) throws {
        // To the first probe alone: the others get nothing.
        let server = try DatagramServer { UDPAnswerer.beat($0).sequence == 1 ? fault.answer($0) : [] }
        let rig = try Rig()
        let slot = rig.prober.add(
            try target(.udp, server.address), interval: .milliseconds(300), timeout: .milliseconds(200))
        #expect(rig.turn(while: { rig.results.isEmpty || rig.unexpected != fault.unexpected }), "\(rig.unexpected)")
        let first = try #require(rig.results.first)
        if let reason = fault.reason {
            #expect(first.outcome == .failure(reason), "\(first)")
        } else {
            #expect(first.outcome.isSuccess, "\(first)")
        }
        #expect(rig.turn(while: { rig.results.count < 3 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.results.count { $0.outcome.isSuccess } == (fault.reason == nil ? 1 : 0))
        #expect(rig.unexpected == fault.unexpected)
        withExtendedLifetime(server) {}
    }

    @Test func aRequestSaysWhoAsks() throws {
        let seen = Seen()
        let server = try DatagramServer {
            seen.add($0)
            return [.init(UDPAnswerer.reply(to: $0))]
        }
        let rig = try Rig()
        let slot = try rig.addUDP(server.address)
        #expect(rig.turn(while: { rig.results.count < 8 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        let requests = seen.requests
        for request in requests {
            #expect(request.count == 512)
            let text = request.withUnsafeBytes { String(decoding: Beat.identity(in: $0), as: UTF8.self) }
            #expect(text == "mesh=test; node=own; state=active")
        }
        let beats = requests.map(UDPAnswerer.beat)
        #expect(beats.map(\.sequence) == (1...beats.count).map { UInt32($0) })
        #expect(Set(beats.map(\.flow)).count == 1)
        #expect(Set(beats.map(\.nonce)).count == beats.count)
    }

    /// All of them go out by the same few sockets.
    @Test(arguments: ["127.0.0.1", "::1"]) func aRefusalIsOfTheProbeThatItIsAbout(host: String) throws {
        let rig = try Rig()
        let server = try UDPAnswerer.shared.get()[host == "::1" ? 1 : 0]
        let ports = try (0..<3).map { _ in try FreePort(on: [host]) }
        let refused = try ports.map { try rig.addUDP($0.address) }
        let answered = try (0..<3).map { _ in try rig.addUDP(server.address) }
        #expect(rig.turn(while: { (refused + answered).contains { rig.results(of: $0).count < 20 } }))
        for slot in refused { #expect(rig.results(of: slot).allSatisfy { $0.outcome == .failure(.refused) }) }
        for slot in answered { #expect(rig.results(of: slot).allSatisfy { $0.outcome.isSuccess }) }
        #expect(rig.unexpected.isEmpty)
    }

    /// Each flow is found by a place that is given away anew: never while probes of the old one are under way.
    @Test func targetsComeAndGo() throws {
        let rig = try Rig()
        let hole = try DatagramServer(answer: nil)
        let port = try FreePort()
        let server = try UDPAnswerer.shared.get()[0]
        let targets = try [port.address, server.address, hole.address].map { try target(.udp, $0) }
        var added = 0
        var slots: Set<Int> = []
        func addNext() {
            let next = targets[added % targets.count]
            added += 1
            slots.insert(rig.prober.add(next, interval: .milliseconds(10), timeout: .milliseconds(60)))
        }
        // Removed from within what the observer is told, while others on the same sockets are refused.
        rig.whenProbed = { slot in
            rig.prober.remove(slot)
            slots.remove(slot)
            addNext()
        }
        for _ in 0..<7 { addNext() }
        #expect(rig.turn(while: { rig.results.count < 200 }))
        rig.whenProbed = { _ in }
        for slot in slots { rig.prober.remove(slot) }
        let done = rig.results.count
        let slot = try rig.addUDP(server.address)
        #expect(rig.turn(while: { rig.results.count < done + 5 }))
        #expect(rig.results[done...].allSatisfy { $0.slot == slot && $0.outcome.isSuccess })
        #expect(rig.unexpected[.foreign] == nil)
        withExtendedLifetime(hole) {}
    }

    @Test func repliesTellLostRequestsFromLostReplies() throws {
        // 1 and 2 do not arrive, 3 does without an answer, 4 tells.
        let server = try DatagramServer { request in
            if UDPAnswerer.beat(request).sequence < 4 { return [] }
            return [
                .init(
                    UDPAnswerer.reply(to: request) {
                        $0.report.window = SequenceWindow(highest: $0.sequence, bits: $0.sequence == 4 ? 0b11 : .max)
                    })
            ]
        }
        let rig = try Rig()
        let slot = try rig.addUDP(server.address, interval: .milliseconds(150), timeout: .milliseconds(100))
        #expect(rig.turn(while: { rig.losses == [0, 0] }))
        #expect(rig.losses == [2, 1])
        #expect(rig.turn(while: { rig.results.count < 6 }))
        rig.prober.remove(slot)
        #expect(rig.losses == [2, 1])
        #expect(rig.results.prefix(4).map(\.outcome.isSuccess) == [false, false, false, true])
    }

    /// What another mesh's node has received says nothing about the way to the right one.
    @Test func aWrongPeersReportDoesNotCount() throws {
        let server = try DatagramServer { request in
            UDPAnswerer.beat(request).sequence == 1 ? [] : [.init(UDPAnswerer.reply(to: request, mesh: "other"))]
        }
        let rig = try Rig()
        _ = try rig.addUDP(server.address, interval: .milliseconds(50), timeout: .milliseconds(30))
        #expect(rig.turn(while: { rig.results.count < 6 }))
        #expect(rig.losses == [0, 0])
    }

    /// The other node's own requests tell while no reply comes through.
    @Test(arguments: zip([0, 1] as [UInt32], [[1, 0], [0, 1]]))
    func requestsTellToo(highest: UInt32, expected: [Int]) throws {
        let seen = Seen()
        let server = try DatagramServer {
            seen.add($0)
            return []
        }
        let rig = try Rig()
        let slot = try rig.addUDP(server.address, interval: .milliseconds(300), timeout: .milliseconds(50))
        #expect(rig.turn(while: { rig.results.isEmpty }))
        let flow = UDPAnswerer.beat(seen.requests[0]).flow
        let window = SequenceWindow(highest: highest, bits: UInt64(highest))
        rig.prober.received(Beat.Report(flow: flow ^ 1 << 40, window: window), at: .now())
        rig.prober.received(Beat.Report(flow: flow ^ 1, window: window), at: .now())
        rig.prober.received(Beat.Report(flow: flow, window: window), at: .now())
        #expect(rig.turn(while: { rig.losses == [0, 0] }))
        #expect(rig.losses == expected)
        rig.prober.remove(slot)
        // Its target is gone.
        rig.prober.received(Beat.Report(flow: flow, window: window), at: .now())
    }

    /// From what this node's responder has received of the node that is probed.
    @Test func aRequestReportsToItsNode() throws {
        let flows = FlowTable()
        _ = flows.received(7, of: 70, node: stableHash("node-a"), family: .ipv4, address: 1)
        _ = flows.received(8, of: 80, node: stableHash("node-b"), family: .ipv4, address: 1)
        _ = flows.received(9, of: 90, node: stableHash("node-a"), family: .ipv6, address: 1)
        let seen = Seen()
        let server = try DatagramServer {
            seen.add($0)
            return [.init(UDPAnswerer.reply(to: $0))]
        }
        let rig = try Rig(flows: flows)
        _ = try rig.addUDP(server.address)
        #expect(rig.turn(while: { rig.results.isEmpty }))
        #expect(
            UDPAnswerer.beat(seen.requests[0]).report
                == Beat.Report(flow: 70, window: SequenceWindow(highest: 7, bits: 1)))
    }

    /// Its own lateness is not the network's: the reply was there in time.
    @Test func aReplyThatWaitsInTheSocketCameInTime() throws {
        let server = try UDPAnswerer.shared.get()[0]
        let rig = try Rig()
        _ = try rig.addUDP(server.address, interval: .milliseconds(500), timeout: .milliseconds(300))
        // The kernel begins to take times a moment after it is first asked to: the first probe is to get that over with.
        #expect(rig.turn(while: { rig.results.isEmpty }))
        #expect(rig.turn(while: { rig.lags.count < 2 }))
        let back = Instant.now() + .milliseconds(400)
        while Instant.now() < back {}
        #expect(rig.turn(while: { rig.results.count < 2 }))
        #expect(try #require(rig.results[1].outcome.latency, "\(rig.results)") < .milliseconds(300))
        #expect(rig.unexpected.isEmpty)
    }
}

/// Requests, as a server's thread has seen them.
private final class Seen: Sendable {
    private let stored = Locked<[[UInt8]]>([])

    var requests: [[UInt8]] { stored.with { $0 } }

    func add(_ request: [UInt8]) { stored.with { $0.append(request) } }
}

extension Rig {
    fileprivate func addUDP(
        _ address: SocketAddress, interval: Duration = .milliseconds(20), timeout: Duration = .seconds(30)
    ) throws -> Int {
        prober.add(try target(.udp, address), interval: interval, timeout: timeout)
    }
}
