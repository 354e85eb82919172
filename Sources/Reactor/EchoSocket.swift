internal import Glibc

/// A socket for ICMP echo of one address family that never waits, closed when its owner goes.
package struct EchoSocket: ~Copyable {
    package enum Kind: Sendable {
        /// For everybody whose group is in net.ipv4.ping_group_range, which holds for IPv6 too (icmp(7)). The kernel
        /// chooses the identifier and brings only what carries it.
        case datagram
        /// With CAP_NET_RAW (raw(7)). It brings the answers to everybody's requests.
        case raw
    }

    package let kind: Kind
    /// What each request and each answer of this socket carries.
    package let identifier: UInt16
    /// For requests, and for what the network says of them.
    package let socket: DatagramSocket
    /// Of what is received; raw sockets of IPv4 bring it, all others do not.
    private let hasIPHeader: Bool

    /// Opens a datagram socket; where that is refused, a raw one.
    ///
    /// - Throws: When both are refused, why the raw one is: EPERM.
    package static func open(askingLike endpoint: Endpoint) throws(SystemError) -> EchoSocket {
        do {
            return try EchoSocket(.datagram, family: endpoint.family)
        } catch {
            // EPROTONOSUPPORT: a sandbox that has none.
            guard [EACCES, EPERM, EPROTONOSUPPORT].contains(error.errno) else { throw error }
        }
        return try EchoSocket(.raw, family: endpoint.family)
    }

    private init(_ kind: Kind, family: Int32) throws(SystemError) {
        let is4 = family == AF_INET
        let type = Int32((kind == .datagram ? SOCK_DGRAM : SOCK_RAW).rawValue)
        let socket = try DatagramSocket(
            family: family, type: type, protocol: Int32(is4 ? IPPROTO_ICMP : IPPROTO_ICMPV6), aid: .errors)
        if kind == .datagram {
            identifier = try chooseIdentifier(socket.number, is4: is4)
        } else {
            try takeRepliesOnly(socket.number, is4: is4)
            identifier = .random(in: 1 ... .max)
        }
        self.kind = kind
        self.socket = socket
        hasIPHeader = is4 && kind == .raw
    }

    /// Whether this process may have one. Whatever else keeps it from being opened is no matter of permission.
    package static var isPermitted: Bool {
        do {
            _ = try EchoSocket.open(askingLike: Endpoint(address: [127, 0, 0, 1], port: 0))
            return true
        } catch {
            return error.errno != EPERM && error.errno != EACCES
        }
    }

    /// Takes the next message.
    ///
    /// - Returns: From its ICMP header on, as much as fits; nil when there is none.
    package func receive(
        into bytes: UnsafeMutableRawBufferPointer, _ datagram: inout Datagram
    ) -> UnsafeRawBufferPointer? {
        guard let size = socket.receive(into: bytes, &datagram) else { return nil }
        let message = UnsafeRawBufferPointer(rebasing: bytes[..<min(size, bytes.count)])
        return hasIPHeader ? withoutIPHeader(message) : message
    }
}

/// What follows the header of an IPv4 packet (RFC 791, section 3.1); nothing when it has none that is whole.
func withoutIPHeader(_ packet: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let first = packet.first, first >> 4 == 4 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let size = Int(first & 15) * 4
    guard size >= 20, size <= packet.count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: packet[size...])
}

/// Binds a datagram socket: what is a port elsewhere is the identifier here.
private func chooseIdentifier(_ socket: Int32, is4: Bool) throws(SystemError) -> UInt16 {
    let anywhere = Endpoint(address: Array(repeating: 0, count: is4 ? 4 : 16), port: 0)
    try systemCall("bind") { anywhere.withSocketAddress { bind(socket, $0, $1) } }
    var name = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    try systemCall("getsockname") {
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
    }
    // At the same place in both structures.
    return UInt16(bigEndian: name.sin6_port)
}

/// Of all that ICMP is for, a raw socket is to bring the echo replies: in both filters a bit that is set holds a type back
/// (raw(7); linux/icmpv6.h).
private func takeRepliesOnly(_ socket: Int32, is4: Bool) throws(SystemError) {
    // ICMP_FILTER and ICMPV6_FILTER are the first option of their levels: SOL_RAW and SOL_ICMPV6.
    let (level, option, type): (Int32, Int32, Int) = is4 ? (255, 1, 0) : (58, 1, 129)
    var held = [UInt32](repeating: .max, count: is4 ? 1 : 8)
    held[type / 32] &= ~(1 << UInt32(type % 32))
    let size = socklen_t(held.count * MemoryLayout<UInt32>.stride)
    try systemCall("setsockopt") { setsockopt(socket, level, option, &held, size) }
}
