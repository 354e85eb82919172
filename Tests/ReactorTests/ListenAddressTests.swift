import Glibc
import Reactor
import Support
import Testing

struct ListenAddressTests {
    @Test(arguments: [":9873", ":0", ":65535", "127.0.0.1:80", "0.0.0.0:1", "[::1]:9873", "[::]:0", "[2001:db8::1]:1"])
    func good(text: String) throws {
        #expect(try ListenAddress(text).description == text)
    }

    @Test(arguments: [
        ("", "it has no port"), ("9873", "it has no port"), ("localhost", "it has no port"),
        (":", "its port is not a number from 0 to 65535"), (":65536", "its port is not a number from 0 to 65535"),
        (":-1", "its port is not a number from 0 to 65535"), (":-0", "its port is not a number from 0 to 65535"),
        (":+80", "its port is not a number from 0 to 65535"), (": 80", "its port is not a number from 0 to 65535"),
        (":80 ", "its port is not a number from 0 to 65535"), (":http", "its port is not a number from 0 to 65535"),
        ("127.0.0.1:", "its port is not a number from 0 to 65535"),
        ("[::1]", "its port is not a number from 0 to 65535"),
        (":٨٠", "its port is not a number from 0 to 65535"),
        ("::1:80", "an IPv6 address is written in brackets"), (":::80", "an IPv6 address is written in brackets"),
        ("[::1:80", "an IPv6 address is written in brackets"), ("[127.0.0.1]:80", "brackets are for IPv6 addresses"),
        ("[]:80", "brackets are for IPv6 addresses"), ("localhost:80", "its host is not an IP address"),
        ("127.0.0.1.1:80", "its host is not an IP address"), ("127.1:80", "its host is not an IP address"),
        ("[::1%lo]:80", "its host is not an IP address"), ("[::g]:80", "its host is not an IP address"),
        (" :80", "its host is not an IP address"), ("*:80", "its host is not an IP address"),
    ])
    func bad(text: String, problem: String) {
        let error = #expect(throws: ListenAddress.Invalid.self) { try ListenAddress(text) }
        #expect(error?.description == "\"\(text)\" is not a listen address such as :9873 or [::1]:9873: \(problem)")
    }

    @Test func withoutAHostBothFamiliesAreServedByOneSocket() async throws {
        let descriptor = try ListenAddress(":0").listen()
        let number = descriptor.number
        let port = try portOfSocket(number)
        #expect(fcntl(number, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
        for host in ["127.0.0.1", "::1"] {
            let connection = try Connection.open(to: SocketAddress(host, port), deadline: .now + .seconds(20))
            let accepted = try await eventually(within: .seconds(20), "the connection is there") {
                accept(number, nil, nil)
            } until: {
                $0 >= 0
            }
            close(accepted)
            connection.close()
        }
    }

    @Test(arguments: ["127.0.0.1", "[::1]"])
    func anAddressIsServedAlone(host: String) throws {
        let descriptor = try ListenAddress("\(host):0").listen()
        let port = try portOfSocket(descriptor.number)
        let other = SocketAddress(host == "[::1]" ? "127.0.0.1" : "::1", port)
        #expect(throws: SocketError.self) { try Connection.open(to: other, deadline: .now + .seconds(20)) }
        _ = try Connection.open(
            to: SocketAddress(host == "[::1]" ? "::1" : host, port), deadline: .now + .seconds(20))
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func aPortInUseIsNamed(host: String) throws {
        let server = try Listener(host: host) { _ in }
        defer { server.stop() }
        let address = try ListenAddress("\(server.address)")
        let error = #expect(throws: SystemError.self) { _ = try address.listen() }
        #expect(error?.errno == EADDRINUSE)
        #expect(error?.description == "listen on \(server.address): Address already in use")
    }

    @Test func aPortInUseByEitherFamilyIsInUse() throws {
        let server = try Listener { _ in }
        defer { server.stop() }
        let address = try ListenAddress(":\(server.address.port)")
        let error = #expect(throws: SystemError.self) { _ = try address.listen() }
        #expect(error?.description == "listen on :\(server.address.port): Address already in use")
    }

    @Test func anAddressOfAnotherMachine() throws {
        let address = try ListenAddress("192.0.2.1:0")
        let error = #expect(throws: SystemError.self) { _ = try address.listen() }
        #expect(error?.description == "listen on 192.0.2.1:0: Cannot assign requested address")
    }

    /// After a restart the port is free at once, although connections of before are still in TIME_WAIT.
    @Test func aPortOfBeforeIsTakenAgain() async throws {
        let port: UInt16
        do {
            let descriptor = try ListenAddress("127.0.0.1:0").listen()
            let number = descriptor.number
            port = try portOfSocket(number)
            let client = try Connection.open(to: SocketAddress("127.0.0.1", port), deadline: .now + .seconds(20))
            let accepted = try await eventually(within: .seconds(20), "the connection is there") {
                accept(number, nil, nil)
            } until: {
                $0 >= 0
            }
            // Who closes first stays in TIME_WAIT.
            close(accepted)
            client.finish()
        }
        _ = try ListenAddress("127.0.0.1:\(port)").listen()
    }
}

/// Of either family: the port stands at the same place.
private func portOfSocket(_ number: Int32) throws -> UInt16 {
    var address = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    try systemCall("getsockname") {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &size) }
        }
    }
    return UInt16(bigEndian: address.sin6_port)
}
