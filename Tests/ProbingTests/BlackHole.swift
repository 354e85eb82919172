import Glibc
import Reactor
import Support

/// An address on which nothing ever comes back.
final class BlackHole {
    let address: SocketAddress
    private let listener: Int32
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
        guard backlog == 0 else { return }
        for _ in 0..<3 {
            let client = try systemCall("socket") { tcpSocket() }
            clients.append(client)
            _ = withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, size) }
            }
        }
    }

    deinit {
        for number in clients + [listener] { close(number) }
    }
}

private func tcpSocket() -> Int32 {
    socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
}
