internal import Foundation
internal import Glibc

/// A TCP port that nothing listens on, kept free for a server that a test starts.
///
/// The port stays bound, without listening, until the last reference is gone: connections to it are refused, the kernel
/// gives it to nobody else, and a server that sets `SO_REUSEADDR` (as ours and libmicrohttpd do) can listen on it.
/// A server without `SO_REUSEADDR` needs `release()` first.
package final class FreePort: @unchecked Sendable {
    package let port: UInt16
    package let hosts: [String]
    private let lock = NSLock()
    private var sockets: [Int32]

    /// The same port on each of the hosts: an EndpointSlice has one port for all of its addresses.
    package init(on hosts: [String] = ["127.0.0.1"]) throws(SocketError) {
        precondition(!hosts.isEmpty, "a port belongs to an address")
        self.hosts = hosts
        var attempt = 1
        while true {
            var bound: [Int32] = []
            do {
                // Below those that the kernel gives to sockets without one: a UDP socket of another test process could have
                // the port that a responder needs for UDP beside this one.
                let port = UInt16.random(in: 20_000..<32_000)
                for host in hosts { bound.append(try boundSocket(SocketAddress(host, port), isNew: true)) }
                self.port = port
                sockets = bound
                return
            } catch {
                for number in bound { close(number) }
                guard error.number == EADDRINUSE, attempt < 50 else { throw error }
                attempt += 1
            }
        }
    }

    deinit { release() }

    /// The addresses, in the order of the hosts.
    package var addresses: [SocketAddress] { hosts.map { SocketAddress($0, port) } }

    /// The only (or first) address.
    package var address: SocketAddress { SocketAddress(hosts[0], port) }

    package func release() {
        lock.withLock {
            for number in sockets { close(number) }
            sockets = []
        }
    }
}

/// Addresses out of 127.0.0.0/8 that no other test of this run has: one for each node of a mesh on one machine.
package enum LoopbackHosts {
    private static let lock = NSLock()
    nonisolated(unsafe) private static var given = 0

    /// - Parameter count: At most 250 at a time.
    package static func next(_ count: Int) -> [String] {
        lock.withLock {
            // Two test processes at a time differ in the process id, two tests of a process in the counter.
            let process = Int(getpid())
            return (0..<count).map { _ in
                given += 1
                return "127.\(64 + process % 64).\(1 + (process / 64 + given / 250) % 250).\(1 + given % 250)"
            }
        }
    }
}
