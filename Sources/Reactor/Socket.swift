internal import CLinux
internal import Glibc

/// A socket that never blocks, closed when its owner goes.
package struct Socket: ~Copyable {
    private let descriptor: Descriptor

    /// A TCP socket of the endpoint's family, not connected.
    package init(streamTo endpoint: Endpoint) throws(SystemError) {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = Descriptor(owning: try systemCall("socket") { socket(endpoint.family, type, 0) })
    }

    /// A UDP socket of the endpoint's family, not connected.
    package init(datagramsTo endpoint: Endpoint) throws(SystemError) {
        let type = Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = Descriptor(owning: try systemCall("socket") { socket(endpoint.family, type, 0) })
    }

    /// For the loop to watch.
    package var number: Int32 { descriptor.number }

    /// Begins to connect. The socket turns writable, failed or hung up when that has come to its end (connect(2),
    /// EINPROGRESS); `takeError` then says how.
    ///
    /// - Throws: When it has failed already: there is no route, no port left, or a rule forbids it.
    package func connect(to endpoint: Endpoint) throws(SystemError) {
        let result = endpoint.withSocketAddress { Glibc.connect(descriptor.number, $0, $1) }
        if result == -1, errno != EINPROGRESS { throw SystemError("connect", errno: errno) }
    }

    /// What the kernel has sent again until now: SYNs, as long as nothing else was sent.
    package var retransmittedSegments: Int { Reactor.retransmittedSegments(on: descriptor.number) ?? 0 }

    /// The error that waits on the socket, 0 when none does; reading takes it away (SO_ERROR, socket(7)).
    package func takeError() -> Int32 {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let result = getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &number, &size)
        precondition(result == 0, "getsockopt: \(systemErrorText(errno))")
        return number
    }
}
