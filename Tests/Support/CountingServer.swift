internal import Foundation

/// Answers every request on a connection in the same way, keeps the connection, and counts connections.
package final class CountingServer: Sendable {
    private final class Count: @unchecked Sendable {
        let lock = NSLock()
        var connections = 0
        var requests = 0
    }

    private let count = Count()
    private let listener: Listener

    package init(answer: [UInt8] = StubServer.response(body: "x")) throws {
        let count = count
        listener = try Listener { connection in
            count.lock.withLock { count.connections += 1 }
            var pending: [UInt8] = []
            while let bytes = try? connection.read(), !bytes.isEmpty {
                pending += bytes
                // Every request here ends with its head.
                guard pending.suffix(4) == Array("\r\n\r\n".utf8)[...] else { continue }
                pending = []
                count.lock.withLock { count.requests += 1 }
                guard (try? connection.write(answer[...])) != nil else { return }
            }
        }
    }

    deinit { listener.stop() }

    package var address: SocketAddress { listener.address }
    package var url: String { "http://\(listener.address)/" }
    package var connections: Int { count.lock.withLock { count.connections } }
    package var requests: Int { count.lock.withLock { count.requests } }
}
