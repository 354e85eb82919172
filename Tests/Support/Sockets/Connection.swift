internal import Foundation
internal import Glibc

/// A connected TCP socket. One thread owns it and blocks in it; any thread may hang it up, which wakes the owner.
package final class Connection: @unchecked Sendable {
    /// Guards `number` against being closed while another thread hangs up: the kernel gives a closed number to the
    /// next socket at once.
    private let lock = NSLock()
    private var number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit { close() }

    /// - Throws: `SocketError`; `isTimeout` when the deadline passed.
    package static func open(
        to address: SocketAddress, deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Connection {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = socket(address.family, kind, 0)
        guard number >= 0 else { throw SocketError(operation: "socket", number: errno) }
        let connection = Connection(owning: number)
        if address.withSockaddr({ connect(number, $0, $1) }) != 0 {
            guard errno == EINPROGRESS else { throw SocketError(operation: "connect \(address)", number: errno) }
            try connection.wait(for: POLLOUT, "connect \(address)", until: deadline)
            var failure: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(number, SOL_SOCKET, SO_ERROR, &failure, &size)
            guard failure == 0 else { throw SocketError(operation: "connect \(address)", number: failure) }
        }
        return connection
    }

    /// Reads what is there; waits while there is nothing.
    ///
    /// - Returns: Empty at the end of the stream, and after `hangUp()`.
    package func read(until deadline: ContinuousClock.Instant? = nil) throws(SocketError) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            try wait(for: POLLIN, "read", until: deadline)
            let count = recv(number, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            if count >= 0 { return Array(chunk[..<count]) }
            guard errno == EINTR || errno == EAGAIN else { throw SocketError(operation: "read", number: errno) }
        }
    }

    /// Writes all of it. A peer that is gone is an error here, not SIGPIPE.
    package func write(_ bytes: ArraySlice<UInt8>, until deadline: ContinuousClock.Instant? = nil) throws(SocketError) {
        var rest = bytes
        while !rest.isEmpty {
            try wait(for: POLLOUT, "write", until: deadline)
            let count = rest.withUnsafeBytes {
                send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR, errno != EAGAIN {
                throw SocketError(operation: "write", number: errno)
            }
        }
    }

    /// Waits for a time, shorter when either side hangs up.
    ///
    /// - Returns: Whether the connection still stands.
    package func pause(_ duration: Duration) -> Bool {
        let deadline = ContinuousClock.now + duration
        do throws(SocketError) {
            // Data that waits to be read does not count: only the end of the stream or of the socket does.
            try wait(for: GNU.pollPeerHangUp, "pause", until: deadline)
            return false
        } catch {
            return error.isTimeout
        }
    }

    /// Ends the connection from any thread: the owner's reads come back empty, its writes fail, its pauses end.
    package func hangUp() {
        lock.withLock { if number >= 0 { _ = shutdown(number, Int32(SHUT_RDWR)) } }
    }

    /// Ends it with a FIN: waits until the peer has read all and closed its side, as long as `limit`.
    package func finish(within limit: Duration = .seconds(1)) {
        let deadline = ContinuousClock.now + limit
        _ = shutdown(number, Int32(SHUT_WR))
        // close(2) with unread bytes sends a RST, which would take away from the peer what it has not read yet.
        while let bytes = try? read(until: deadline), !bytes.isEmpty {}
        close()
    }

    /// Ends it with a RST; what is not sent yet is lost (socket(7), SO_LINGER).
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    package func close() {
        lock.withLock {
            if number >= 0 { _ = Glibc.close(number) }
            number = -1
        }
    }

    private func wait(
        for events: Int32, _ operation: String, until deadline: ContinuousClock.Instant?
    ) throws(SocketError) {
        // poll(2) takes a negative number for "nothing to wait for" and waits.
        guard number >= 0 else { throw SocketError(operation: operation, number: EBADF) }
        while true {
            var descriptor = pollfd(fd: number, events: Int16(events), revents: 0)
            let ready = poll(&descriptor, 1, deadline.map(millisecondsLeft(until:)) ?? -1)
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw SocketError(operation: operation, number: errno) }
            if ready == 0 { throw SocketError(operation: operation, number: ETIMEDOUT) }
        }
    }
}

/// Rounded up, so that poll(2) does not return just before the deadline.
private func millisecondsLeft(until deadline: ContinuousClock.Instant) -> Int32 {
    let left = deadline - .now
    guard left > .zero else { return 0 }
    let (seconds, attoseconds) = left.components
    return Int32(clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
}
