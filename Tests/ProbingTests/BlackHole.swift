import Glibc
import Reactor
import Support

/// An address on which nothing ever comes back.
final class BlackHole {
    let address: SocketAddress
    private let listener: Int32
    /// On the same port: datagrams are taken and left alone.
    private let datagrams: Int32
    private var clients: [Int32] = []

    /// - Parameter backlog: Connections that are made and left alone. Beyond them the kernel drops every SYN.
    init(backlog: Int32 = 0) throws {
        listener = try systemCall("socket") { tcpSocket() }
        // Bound by listen(2) itself: to any address, and to a port that the kernel chooses.
        try systemCall("listen") { [listener] in listen(listener, backlog) }
        var name = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        try systemCall("getsockname") { [listener] in
            withUnsafeMutablePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
            }
        }
        address = SocketAddress("127.0.0.1", UInt16(bigEndian: name.sin_port))
        name.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        datagrams = try systemCall("socket") { socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
        try systemCall("bind") { [datagrams] in
            withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(datagrams, $0, size) }
            }
        }
        guard backlog == 0 else { return }
        for _ in 0..<3 {
            let client = try systemCall("socket") { tcpSocket() }
            clients.append(client)
            _ = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, size) }
            }
        }
    }

    /// Takes the connections that are made, and closes them.
    ///
    /// - Returns: What recv(2) says of each: 0 when the client has ended it, -1 when it was reset or still stands.
    @discardableResult
    func drain() -> [Int] {
        var ends: [Int] = []
        var descriptor = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 0) > 0 {
            let number = accept(listener, nil, nil)
            if number < 0 { continue }
            var byte: UInt8 = 0
            ends.append(recv(number, &byte, 1, Int32(MSG_DONTWAIT)))
            close(number)
        }
        return ends
    }

    deinit {
        for number in clients + [listener, datagrams] { close(number) }
    }
}

private func tcpSocket() -> Int32 {
    socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
}
