import Glibc
import Reactor
import Support
import Testing

struct TransferFailureTests {
    @Test(arguments: [
        Fault("closed after the request", .reset, [.close]),
        Fault("closed at once", .reset, onAccept: true, [.close]),
        Fault("reset after the request", .reset, [.reset]),
        Fault("reset at once", .reset, onAccept: true, [.reset]),
        Fault("reset in the head", .reset, ["HTTP/1.1 200 OK\r\nX", .reset]),
        Fault("reset in the body", .reset, ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", .reset]),
        Fault("closed in the body", .reset, ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", .close]),
        Fault("closed in a chunk", .reset, ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", .close]),
        Fault("silent", .timeout, onAccept: true, [.hang]),
        Fault("silent in the head", .timeout, ["HTTP/1.1 200 OK\r\nX", .hang]),
        Fault("silent in the body", .timeout, ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", .hang]),
        Fault("another protocol", .protocol, onAccept: true, ["SSH-2.0-OpenSSH_9.2\r\n", .hang]),
        Fault("bytes", .protocol, [.bytes([UInt8](repeating: 0xff, count: 5000)), .hang]),
        Fault("no such version", .protocol, ["HTTP/9.9 200 OK\r\n\r\n", .hang]),
        Fault("no status", .protocol, ["HTTP/1.1 OK\r\n\r\n", .hang]),
        Fault("a length below zero", .protocol, ["HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc", .hang]),
        Fault("bad chunks", .protocol, ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", .hang]),
        Fault(
            "a line without end", .protocol,
            ["HTTP/1.1 200 OK\r\nX: ", .bytes(.init(repeating: 0x61, count: 2 << 20)), .hang]),
        Fault(
            "a status without end", .protocol, ["HTTP/1.1 200 ", .bytes(.init(repeating: 0x61, count: 2 << 20)), .hang]),
        Fault("a head without end", .protocol, ["HTTP/1.1 200 OK\r\n", .bytes(Fault.manyLines), .hang]),
        Fault(
            "bad gzip", .protocol, ["HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", .hang]),
    ])
    func faultsOfServers(fault: Fault) throws {
        let wire = try Wire()
        let server = try fault.server()
        let client = Client(server.url, timeout: fault.kind == .timeout ? .milliseconds(100) : .seconds(30))
        client.transfer.setCompressed()
        let failure = try #require(try wire.run(client))
        #expect(failure.kind == fault.kind, "\(failure)")
        #expect(!failure.description.isEmpty)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func nobodyListens(host: String) throws {
        let port = try FreePort(on: [host])
        let failure = try #require(try Wire().run(Client("http://\(port.address)/")))
        #expect(failure.kind == .refused)
        #expect(failure.description == "Couldn't connect to server: Connection refused")
    }

    @Test func noWayAndNoName() throws {
        let wire = try Wire()
        // TCP to a broadcast address: the kernel says ENETUNREACH on every machine.
        #expect(try wire.run(Client("http://255.255.255.255/"))?.kind == .unreachable)
        // A label has at most 63 letters: no server is asked.
        let name = String(repeating: "a", count: 64) + ".invalid"
        #expect(try wire.run(Client("http://\(name)/"))?.kind == .resolve)
    }

    /// libcurl never clears a handle's errno.
    @Test func aFailureIsNotBlamedOnAnEarlierOne() throws {
        let wire = try Wire()
        let client = Client("http://255.255.255.255/")
        #expect(try wire.run(client)?.description.hasSuffix(": Network is unreachable") == true)
        let chunks = try Fault(
            "", .protocol, ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", .hang]
        ).server()
        client.transfer.setURL(chunks.url)
        let failure = try #require(try wire.run(client))
        #expect(failure.kind == .protocol)
        #expect(!failure.description.contains("unreachable"))
        // Its settings are the same as before.
        let server = try StubServer(answer: StubServer.response(body: "again"))
        client.transfer.setHeaders(["X-Asked: yes"])
        client.transfer.setURL("http://255.255.255.255/")
        #expect(try wire.run(client)?.kind == .unreachable)
        client.transfer.setURL(server.url)
        #expect(try wire.run(client) == nil)
        #expect(client.text == "again")
        #expect(server.requests.first?.headers["X-Asked"] == "yes")
    }

    /// This machine's own shortage is no word about the network, whatever the handle met before.
    @Test func noDescriptorsLeft() async {
        await #expect(processExitsWith: .success) {
            let wire = try Wire()
            let port = try FreePort()
            let (fresh, used) = (Client("http://\(port.address)/"), Client("http://\(port.address)/"))
            guard try wire.run(used)?.kind == .refused else { exit(2) }
            var limit = rlimit(rlim_cur: 3, rlim_max: 3)
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(3) }
            for client in [fresh, used] {
                guard let failure = try wire.run(client), failure.kind == .local else { exit(4) }
                guard failure.description.hasSuffix("Too many open files") else { exit(5) }
            }
            exit(0)
        }
    }
}

struct Fault: Sendable, CustomTestStringConvertible {
    /// A step, or a text that is sent.
    struct Step: Sendable, ExpressibleByStringLiteral {
        let step: StubServer.Step

        init(stringLiteral text: String) {
            step = .bytes(Array(text.utf8))
        }

        private init(_ step: StubServer.Step) {
            self.step = step
        }

        static let close = Step(.close)
        static let reset = Step(.reset)
        static let hang = Step(.hang)
        static func bytes(_ bytes: [UInt8]) -> Step { Step(.bytes(bytes)) }
    }

    static let manyLines = Array(
        repeatElement(Array("X: \(String(repeating: "a", count: 999))\r\n".utf8), count: 2000).joined())

    let testDescription: String
    let kind: TransferFailure.Kind
    private let onAccept: Bool
    private let steps: [Step]

    init(_ name: String, _ kind: TransferFailure.Kind, onAccept: Bool = false, _ steps: [Step]) {
        testDescription = name
        self.kind = kind
        self.onAccept = onAccept
        self.steps = steps
    }

    func server() throws -> StubServer {
        let steps = steps.map(\.step)
        return onAccept ? try StubServer(onAccept: steps) : try StubServer { _ in steps }
    }
}
