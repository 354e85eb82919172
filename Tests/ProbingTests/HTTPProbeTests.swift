import Mesh
import Reactor
import Support
import Testing

@testable import Probing

struct HTTPProbeTests {
    private static let identity = "mesh=test; node=node-a; zone=; uid=; state=active"

    @Test(arguments: [
        answer(), answer(status: 204), answer(status: 299), answer(body: "hello"),
        answer(body: String(repeating: "x", count: 64 << 10)),
        answer(header: "heartmesh"), answer(header: "HEARTMESH"), answer(header: "hEaRtMeSh"),
        bytes("HTTP/1.1 200 OK\r\nHeartmesh:\(identity)\r\nContent-Length: 0\r\n\r\n"),
        bytes("HTTP/1.1 200 OK\r\nHeartmesh: \t \(identity) \t \r\nContent-Length: 0\r\n\r\n"),
        bytes("HTTP/1.0 200 OK\nHeartmesh: \(identity)\nContent-Length: 0\n\n"),
        bytes("HTTP/1.1 103 Early Hints\r\nHeartmesh: mesh=other; node=x;\r\n\r\n") + answer(),
        bytes("HTTP/1.1 200 OK\r\nHeartmesh: \(identity)\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
    ])
    func theRightPeer(bytes: [UInt8]) throws {
        let server = try StubServer(answer: bytes)
        let result = try probe(server.address)
        guard case .success(let latency, nil) = result.outcome else {
            Issue.record("\(result)")
            return
        }
        if let latency { #expect(latency > 0 && latency < Duration.seconds(30).nanoseconds) }
    }

    /// Traps, 6 and 14: anybody's 200 is not the peer's.
    @Test(arguments: [
        answer(node: "node-b"), answer(node: "node-aa"), answer(node: "node-"), answer(node: "NODE-A"),
        answer(mesh: "other"),
        answer(mesh: "test2"), answer(header: "X-Heartmesh"), answer(header: "Heartmesh2"), answer(header: "Heartmes"),
        StubServer.response(body: "Heartmesh: \(identity)\r\n"),
        bytes("HTTP/1.1 200 OK\r\nHeartmesh:\r\nContent-Length: 0\r\n\r\n"),
        bytes("HTTP/1.1 200 OK\r\nHeartmesh: x\(identity)\r\nContent-Length: 0\r\n\r\n"),
        bytes("HTTP/1.1 103 Early Hints\r\nHeartmesh: \(identity)\r\n\r\n") + StubServer.response(),
        bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nHeartmesh: \(identity)\r\n\r\n"),
    ])
    func somebodyElse(bytes: [UInt8]) throws {
        let server = try StubServer(answer: bytes)
        #expect(try probe(server.address).outcome == .failure(.wrongPeer))
    }

    /// Traps, 1: the peer's own 503 is no success, whoever answers.
    @Test(arguments: [300, 304, 400, 404, 500, 503])
    func noSuccess(status: Int) throws {
        for bytes in [answer(status: status), answer(node: "node-b", status: status)] {
            let server = try StubServer(answer: bytes)
            let result = try probe(server.address)
            #expect(result.outcome == .failure(.status))
            #expect(result.detail == "status \(status)")
        }
    }

    @Test func redirectsAreNotFollowed() throws {
        let target = try StubServer(answer: answer())
        let server = try StubServer(
            answer: StubServer.response(status: 301, reason: "Moved", headers: ["Location": target.url]))
        #expect(try probe(server.address).outcome == .failure(.status))
        #expect(target.requests.isEmpty)
    }

    @Test(arguments: [
        Fault("closed at once", .reset, onAccept: true, [.close]),
        Fault("closed after the request", .reset, [.close]),
        Fault("reset", .reset, [.reset]),
        Fault("closed in the head", .reset, ["HTTP/1.1 200 OK\r\nHeartmesh: \(identity)\r\n", .close]),
        Fault(
            "closed in the body", .reset,
            ["HTTP/1.1 200 OK\r\nHeartmesh: \(identity)\r\nContent-Length: 9\r\n\r\nab", .close]),
        Fault(
            "reset in the body", .reset,
            ["HTTP/1.1 200 OK\r\nHeartmesh: \(identity)\r\nContent-Length: 9\r\n\r\nab", .reset]),
        Fault("silent", .timeout, onAccept: true, [.hang]),
        Fault(
            "silent after the head", .timeout,
            ["HTTP/1.1 200 OK\r\nHeartmesh: \(identity)\r\nContent-Length: 9\r\n\r\n", .hang]),
        Fault(
            "a drip", .timeout,
            ["HTTP/1.1 200 OK\r\nHeartmesh: \(identity)\r\nContent-Length: 9999\r\n\r\n"] + Fault.drip),
        Fault("another protocol", .protocol, onAccept: true, ["SSH-2.0-OpenSSH_9.2\r\n", .hang]),
        Fault("nothing but noise", .protocol, onAccept: true, [.bytes(.init(repeating: 0xff, count: 1 << 20)), .hang]),
        Fault("a head without end", .protocol, ["HTTP/1.1 200 OK\r\n", .bytes(Fault.manyLines), .hang]),
        Fault(
            "a line without end", .protocol,
            ["HTTP/1.1 200 OK\r\nX: ", .bytes(.init(repeating: 0x61, count: 1 << 20)), .hang]),
        Fault("bad chunks", .protocol, ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", .hang]),
        Fault(
            "a body without end", .body,
            ["HTTP/1.1 200 OK\r\nHeartmesh: \(identity)\r\n\r\n", .bytes(Fault.manyLines), .hang]),
        Fault(
            "a body of 64 KiB and a byte", .body,
            [.bytes(answer(body: String(repeating: "x", count: (64 << 10) + 1))), .hang]),
    ])
    func faultsOfServers(fault: Fault) throws {
        let server = try fault.server()
        let start = Instant.now()
        let result = try probe(server.address, timeout: fault.reason == .timeout ? .milliseconds(100) : .seconds(30))
        #expect(result.outcome == .failure(fault.reason), "\(result.detail)")
        #expect(!result.detail.isEmpty)
        // libcurl's clock counts in whole milliseconds.
        if fault.reason == .timeout { #expect(Instant.now() - start >= .milliseconds(99)) }
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func nobodyListens(host: String) throws {
        let port = try FreePort(on: [host])
        let result = try probe(port.address)
        #expect(result.outcome == .failure(.refused))
        #expect(result.detail.hasSuffix("Connection refused"))
    }

    @Test func nothingAnswersTheSYN() throws {
        let hole = try BlackHole()
        #expect(try probe(hole.address, timeout: .milliseconds(150)).outcome == .failure(.timeout))
    }

    /// Traps, 36: unbracketed IPv6.
    @Test func version6() throws {
        let server = try StubServer(host: "::1", answer: answer())
        guard case .success = try probe(server.address).outcome else {
            Issue.record("no success over IPv6")
            return
        }
        #expect(server.requests.first?.headers["Host"] == "[::1]:\(server.address.port)")
    }

    @Test func theRequestIsSmall() throws {
        let server = try StubServer(answer: answer())
        _ = try probe(server.address)
        let request = try #require(server.requests.first)
        #expect(request.method == "GET")
        #expect(request.target == "/")
        #expect(request.headers.fields.map(\.name) == ["Host", "User-Agent"])
        #expect(request.headers["User-Agent"] == "heartmesh/test")
    }

    @Test func theLogHearsWhoAnswered() throws {
        let other = try StubServer(answer: answer(node: "node-b"))
        #expect(try probe(other.address).detail == "answered by mesh=test; node=node-b; zone=z1; uid=u; state=active")
        let nobody = try StubServer(answer: StubServer.response())
        #expect(try probe(nobody.address).detail == "the answer is not from a responder")
        // However much it says of itself.
        let long = try StubServer(answer: answer(node: String(repeating: "n", count: 9000)))
        #expect(try probe(long.address).detail.utf8.count < 300)
    }

    @Test func everyKindOfFailureHasItsReason() {
        let kinds: [TransferFailure.Kind] = [
            .resolve, .refused, .timeout, .reset, .unreachable, .tls, .protocol, .body, .permission, .local,
        ]
        #expect(kinds.map { Reason($0).rawValue } == kinds.map { "\($0)" })
    }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
