internal import Foundation
internal import Glibc

/// A listening TCP socket; each connection gets a thread of its own that runs `serve` and may block in it.
///
/// Its port stays its own until `stop()`, also while it refuses connections: a second socket, bound but not listening,
/// keeps the kernel from giving the port to another server or to an outgoing connection.
package final class Listener: @unchecked Sendable {
    package let address: SocketAddress
    private let serve: @Sendable (Connection) -> Void
    private let placeholder: Int32
    /// Guards what follows, and tells of each thread's end.
    private let state = NSCondition()
    private var listening: Int32?
    private var isAccepting = false
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var isStopped = false

    /// - Parameters:
    ///   - port: 0 lets the kernel choose.
    ///   - serve: Runs on the connection's thread; the connection is closed when it returns.
    package init(
        host: String = "127.0.0.1", port: UInt16 = 0, serve: @escaping @Sendable (Connection) -> Void
    ) throws(SocketError) {
        placeholder = try boundSocket(SocketAddress(host, port))
        address = SocketAddress(host, SocketAddress.portOfSocket(placeholder))
        self.serve = serve
        do {
            try reopen()
        } catch {
            close(placeholder)
            throw error
        }
    }

    /// Listens again after `refuse()`; does nothing when it listens already.
    package func reopen() throws(SocketError) {
        state.lock()
        defer { state.unlock() }
        guard listening == nil, !isStopped else { return }
        let number = try boundSocket(address)
        guard listen(number, SOMAXCONN) == 0 else {
            let error = SocketError(operation: "listen \(address)", number: errno)
            close(number)
            throw error
        }
        listening = number
        isAccepting = true
        Thread { self.acceptConnections(number) }.start()
    }

    /// Stops listening and hangs up: when it returns, a SYN to the port is answered by a RST.
    package func refuse() {
        state.lock()
        if let number = listening {
            listening = nil
            // On Linux this wakes accept(2) on another thread, which close(2) does not.
            _ = shutdown(number, Int32(SHUT_RDWR))
            while isAccepting { state.wait() }
            close(number)
        }
        state.unlock()
        hangUp()
    }

    /// Ends the connections that there are.
    package func hangUp() {
        state.withLock { for connection in connections.values { connection.hangUp() } }
    }

    /// Refuses, waits for the end of every thread and gives the port back. It does not listen again.
    package func stop() {
        refuse()
        state.lock()
        defer { state.unlock() }
        while !connections.isEmpty { state.wait() }
        guard !isStopped else { return }
        isStopped = true
        close(placeholder)
    }

    private func acceptConnections(_ number: Int32) {
        while true {
            let accepted = GNU.accept4(number, Int32(SOCK_CLOEXEC.rawValue))
            if accepted >= 0 {
                start(Connection(owning: accepted))
            } else if errno != EINTR, errno != ECONNABORTED {
                // EINVAL after the shutdown in refuse(). Nothing else is expected; it must not become a busy loop.
                break
            }
        }
        state.lock()
        isAccepting = false
        state.broadcast()
        state.unlock()
    }

    private func start(_ connection: Connection) {
        state.lock()
        connections[ObjectIdentifier(connection)] = connection
        state.unlock()
        Thread { [self] in
            serve(connection)
            connection.close()
            state.lock()
            connections[ObjectIdentifier(connection)] = nil
            state.broadcast()
            state.unlock()
        }.start()
    }
}
