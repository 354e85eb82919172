internal import CDatagrams
internal import Glibc

/// A socket for datagrams of one address family that never waits, closed when its owner goes.
package struct DatagramSocket: ~Copyable {
    /// What the kernel has to say beside the payload and the time of arrival.
    package enum Aid: Sendable {
        /// What ICMP says of datagrams that were sent (IP_RECVERR, ip(7)): for one that asks.
        case errors
        /// The address that a datagram was sent to (IP_PKTINFO, ip(7)): for one that answers from there.
        case localAddresses
    }

    private let descriptor: Descriptor

    /// - Parameter family: AF_INET or AF_INET6.
    init(family: Int32, type: Int32 = Int32(SOCK_DGRAM.rawValue), protocol number: Int32 = 0, aid: Aid)
        throws(SystemError)
    {
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = Descriptor(owning: try systemCall("socket") { socket(family, type | flags, number) })
        let is4 = family == AF_INET
        let level = Int32(is4 ? IPPROTO_IP : IPPROTO_IPV6)
        // Only one for UDP could have the other family too.
        if !is4, number == 0 { try set(descriptor.number, level, IPV6_V6ONLY) }
        try set(descriptor.number, SOL_SOCKET, heartmesh_receive_times)
        switch aid {
        case .errors:
            try set(descriptor.number, level, is4 ? IP_RECVERR : IPV6_RECVERR)
        case .localAddresses:
            try set(descriptor.number, level, is4 ? IP_PKTINFO : IPV6_RECVPKTINFO)
        }
        self.descriptor = descriptor
    }

    /// A UDP socket that asks; the kernel gives it a port when it first sends.
    package init(askingLike endpoint: Endpoint) throws(SystemError) {
        try self.init(family: endpoint.family, aid: .errors)
    }

    /// For the loop to watch.
    package var number: Int32 { descriptor.number }

    /// - Returns: The error's number, 0 when it was sent.
    package func send(_ bytes: UnsafeRawBufferPointer, to endpoint: Endpoint) -> Int32 {
        let result = endpoint.withSocketAddress {
            sendto(descriptor.number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), $0, $1)
        }
        return result == -1 ? errno : 0
    }

    /// Sends to where a datagram came from, from the address that it was sent to.
    ///
    /// - Returns: Whether it was sent.
    package func reply(_ bytes: UnsafeRawBufferPointer, to datagram: Datagram) -> Bool {
        withUnsafePointer(to: datagram.raw) {
            heartmesh_reply(descriptor.number, bytes.baseAddress, bytes.count, $0) >= 0
        }
    }

    /// Takes the next datagram.
    ///
    /// - Returns: Its size, of which no more than fits is written; nil when there is none. An error that waits on the
    ///   socket is passed over: it stands in the error queue too.
    package func receive(into bytes: UnsafeMutableRawBufferPointer, _ datagram: inout Datagram) -> Int? {
        take(into: bytes, fromErrorQueue: false, &datagram)
    }

    /// Takes the next error: what there is of the datagram that it is about, and where that was sent to.
    package func receiveError(into bytes: UnsafeMutableRawBufferPointer, _ datagram: inout Datagram) -> Int? {
        take(into: bytes, fromErrorQueue: true, &datagram)
    }

    private func take(
        into bytes: UnsafeMutableRawBufferPointer, fromErrorQueue: Bool, _ datagram: inout Datagram
    ) -> Int? {
        // Each error that waits is told once, in the place of a datagram.
        for _ in 0..<8 {
            let count = heartmesh_receive(
                descriptor.number, bytes.baseAddress, bytes.count, fromErrorQueue ? 1 : 0, &datagram.raw)
            if count >= 0 { return count }
            if errno == EAGAIN { return nil }
        }
        return nil
    }
}

private func set(_ socket: Int32, _ level: Int32, _ option: Int32) throws(SystemError) {
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    try systemCall("setsockopt") { setsockopt(socket, level, option, &one, size) }
}

/// What came beside a datagram's payload.
package struct Datagram {
    fileprivate var raw = heartmesh_datagram()

    package init() {}

    /// Who sent it; of an error, where the datagram that it is about was sent to.
    package var peer: Endpoint {
        withUnsafeBytes(of: raw.name) { Endpoint($0.loadUnaligned(as: sockaddr_in6.self)) }
    }

    /// Of an error: its number, as errno has it.
    package var error: Int32 { raw.error }

    /// Of an error: a host or a router sent it, by ICMP.
    package var isFromNetwork: Bool { raw.is_icmp != 0 }

    /// Whether the kernel has said when it took it.
    package var isTimed: Bool { raw.time != 0 }

    /// When the kernel took it, on the monotonic clock; `now` where that can't be told.
    ///
    /// The kernel's stamp is of the wall clock. It is moved over by the age that it has; when somebody has set the wall
    /// clock in between, the age is not one, or it lies before `start`.
    ///
    /// - Parameter start: When what it answers was sent.
    package func arrival(after start: Instant = Instant(nanoseconds: 0), now: Instant = .now()) -> Instant {
        if raw.time == 0 { return now }
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let age = Int64(wall.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec) - raw.time
        let arrival = Instant(nanoseconds: now.nanoseconds &- age)
        return age >= 0 && arrival >= start ? arrival : now
    }
}
