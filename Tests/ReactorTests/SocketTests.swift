import Glibc
import Reactor
import Support
import Testing

struct SocketTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func itConnects(host: String) throws {
        let loop = try EventLoop()
        let server = try StubServer(host: host, onAccept: [.hang])
        let endpoint = Endpoint(host, server.address.port)
        let socket = try Socket(streamTo: endpoint)
        try socket.connect(to: endpoint)
        let handler = Handler()
        loop.watch(socket.number, for: .writable, handler: handler)
        #expect(loop.turn(while: { handler.calls.isEmpty }))
        #expect(handler.calls[0].readiness == .writable)
        #expect(socket.takeError() == 0)
        loop.forget(socket.number)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func nobodyListens(host: String) throws {
        let loop = try EventLoop()
        let endpoint = Endpoint(host, try FreePort(on: [host]).port)
        let socket = try Socket(streamTo: endpoint)
        try socket.connect(to: endpoint)
        let handler = Handler()
        loop.watch(socket.number, for: .writable, handler: handler)
        #expect(loop.turn(while: { handler.calls.isEmpty }))
        #expect(socket.takeError() == ECONNREFUSED)
        // Read once, it is gone.
        #expect(socket.takeError() == 0)
        loop.forget(socket.number)
    }

    @Test func aConnectionThatIsTakenDownAtOnce() throws {
        let loop = try EventLoop()
        let server = try StubServer(onAccept: [.reset])
        let endpoint = Endpoint("127.0.0.1", server.address.port)
        let socket = try Socket(streamTo: endpoint)
        try socket.connect(to: endpoint)
        let handler = Handler()
        loop.watch(socket.number, for: .writable, handler: handler)
        #expect(loop.turn(while: { handler.calls.last?.readiness.contains(.hungUp) != true }))
        #expect(socket.takeError() == ECONNRESET)
        loop.forget(socket.number)
    }

    /// TCP to a broadcast address: the kernel says so on every machine, and at once.
    @Test func thereIsNoWay() throws {
        let endpoint = Endpoint("255.255.255.255", 80)
        let socket = try Socket(streamTo: endpoint)
        let failure = #expect(throws: SystemError.self) { try socket.connect(to: endpoint) }
        #expect(failure?.errno == ENETUNREACH)
    }

    @Test func itIsClosedWithItsOwner() throws {
        let port = try FreePort()
        var number: Int32 = -1
        do {
            let socket = try Socket(streamTo: Endpoint("127.0.0.1", port.port))
            number = socket.number
            #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
            #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
        }
        #expect(fcntl(number, F_GETFD) == -1)
    }

    @Test func reasonsOfConnect() {
        let kinds: [(TransferFailure.Kind, [Int32])] = [
            (.refused, [ECONNREFUSED]), (.timeout, [ETIMEDOUT]), (.reset, [ECONNRESET, EPIPE]),
            (.unreachable, [ENETUNREACH, EHOSTUNREACH, EHOSTDOWN, EINVAL]), (.permission, [EACCES, EPERM]),
            (.local, [EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EADDRINUSE, EAGAIN]),
        ]
        for (kind, numbers) in kinds {
            for number in numbers { #expect(TransferFailure.Kind(connectError: number) == kind) }
        }
    }
}

extension Endpoint {
    /// - Parameter host: A numeric address.
    init(_ host: String, _ port: UInt16) {
        var bytes = [UInt8](repeating: 0, count: host.contains(":") ? 16 : 4)
        precondition(inet_pton(bytes.count == 16 ? AF_INET6 : AF_INET, host, &bytes) == 1, "an address")
        self.init(address: bytes, port: port)
    }
}
