import Glibc
import Mesh
import Reactor
import Serving
import Support
import Testing

@Suite struct EchoServerTests {
    private let loop: EventLoop
    private let responder: Responder
    private let port: FreePort

    init() throws {
        loop = try EventLoop()
        responder = Responder(Responder.Identity(mesh: "m", node: "node-a", zone: "z1", uid: "1234"))
        port = try FreePort(on: ["127.0.0.1", "127.0.0.2", "::1"])
    }

    private func listen(_ address: String) throws {
        try responder.listen(on: ListenAddress("\(address):\(port.port)"), loop)
    }

    private func request(
        _ sequence: UInt32 = 1, flow: UInt64 = 5, mesh: String = "m", node: String = "node-b",
        report: Beat.Report = Beat.Report()
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Beat.requestSize)
        bytes.withUnsafeMutableBytes {
            Beat(.request, flow: flow, sequence: sequence, nonce: 99, report: report).write(to: $0)
            $0[Beat.headerSize...].copyBytes(from: Identity.datagram(mesh: mesh, node: node, state: "active").utf8)
        }
        return bytes
    }

    /// Sends to the responder, and turns the loop.
    ///
    /// - Returns: The reply; nil when there is none, though a whole request after it got one.
    private func ask(_ bytes: [UInt8], host: String = "127.0.0.1") throws -> [UInt8]? {
        let client = try DatagramClient(to: SocketAddress(host, port.port))
        client.send(bytes)
        client.send(request(1, flow: .max, mesh: "end"))
        let deadline = Instant.now() + .seconds(20)
        var replies: [[UInt8]] = []
        while Instant.now() < deadline {
            loop.turn(until: .now() + .milliseconds(5))
            while let reply = client.receive() { replies.append(reply) }
            if let last = replies.last, beat(last).flow == .max { return replies.count > 1 ? replies[0] : nil }
        }
        throw NoAnswer()
    }

    private struct NoAnswer: Error {}

    private func beat(_ bytes: [UInt8]) -> Beat { bytes.withUnsafeBytes { Beat($0)! } }

    @Test(arguments: ["127.0.0.1", "::1"]) func aRequestIsAnswered(host: String) throws {
        try listen(host.contains(":") ? "[\(host)]" : host)
        var families: [IPFamily] = []
        responder.onEcho = { families.append($0) }
        let reply = try #require(try ask(request(3), host: host))
        #expect(
            beat(reply)
                == Beat(
                    .reply, flow: 5, sequence: 3, nonce: 99,
                    report: Beat.Report(flow: 5, window: SequenceWindow(highest: 3, bits: 1))))
        #expect(String(decoding: reply.dropFirst(48), as: UTF8.self) == "mesh=m; node=node-a; state=active")
        #expect(families == (host == "::1" ? [.ipv6, .ipv6] : [.ipv4, .ipv4]))
        responder.stop()
    }

    /// The client's socket is connected: it takes nothing from another address.
    @Test(arguments: ["127.0.0.1", "127.0.0.2", "::1"]) func itAnswersFromTheAddressThatWasAsked(host: String) throws {
        try listen("")
        #expect(try ask(request(), host: host) != nil)
        responder.stop()
    }

    @Test func saysWhatItHasBecome() throws {
        try listen("127.0.0.1")
        responder.identity.state = "draining"
        let reply = try #require(try ask(request()))
        #expect(String(decoding: reply.dropFirst(48), as: UTF8.self) == "mesh=m; node=node-a; state=draining")
        responder.stop()
    }

    @Test func whatIsNoWholeRequestGetsNothing() throws {
        try listen("127.0.0.1")
        let good = request()
        var reply = good
        reply[4] = 2
        var other = good
        other[0] = 0
        for bytes in [[], [1], Array(good.prefix(48)), Array(good.prefix(511)), good + [0], reply, other] {
            #expect(try ask(bytes) == nil)
        }
        responder.stop()
    }

    @Test func whatHasArrivedIsReported() throws {
        try listen("127.0.0.1")
        for sequence: UInt32 in [1, 2, 4] { _ = try ask(request(sequence)) }
        let reply = try #require(try ask(request(6)))
        #expect(beat(reply).report.window == SequenceWindow(highest: 6, bits: 0b110101))
        #expect(responder.flows.report(to: stableHash("node-b"), .ipv4, address: 0).flow == 5)
        // Another mesh's gets its answer, and no place among this one's nodes.
        _ = try ask(request(1, flow: 6, mesh: "other", node: "node-c"))
        #expect(responder.flows.report(to: stableHash("node-c"), .ipv4, address: 0).flow == 0)
        responder.stop()
    }

    @Test func reportsOfOthersAreHandedOn() throws {
        try listen("127.0.0.1")
        var reports: [Beat.Report] = []
        let start = Instant.now()
        responder.onReport = { report, arrival in
            reports.append(report)
            #expect(arrival >= start && arrival <= .now())
        }
        let report = Beat.Report(flow: 77, window: SequenceWindow(highest: 3, bits: 5))
        _ = try ask(request(report: report))
        #expect(reports == [report])
        responder.stop()
    }

    @Test func aFloodIsBoundedInEachTurn() throws {
        try listen("127.0.0.1")
        var count = 0
        responder.onEcho = { _ in count += 1 }
        let client = try DatagramClient(to: SocketAddress("127.0.0.1", port.port))
        for sequence: UInt32 in 1...100 { client.send(request(sequence)) }
        loop.turn(until: .now() + .seconds(5))
        #expect(count == 64)
        loop.turn(until: .now() + .seconds(5))
        #expect(count == 100)
        responder.stop()
    }

    @Test func whoHasStoppedAnswersNothing() throws {
        try listen("127.0.0.1")
        #expect(try ask(request()) != nil)
        responder.stop()
        // The port is free again.
        let next = Responder(Responder.Identity(mesh: "m", node: "node-b", zone: "", uid: ""))
        try next.listen(on: ListenAddress("127.0.0.1:\(port.port)"), loop)
        next.stop()
    }
}
