import Foundation
import Support

/// Answers every request on a connection in the same way, keeps the connection, and counts connections.
final class CountingServer: Sendable {
    private final class Count: @unchecked Sendable {
        let lock = NSLock()
        var connections = 0
        var requests = 0
    }

    private let count = Count()
    private let listener: Listener

    init(answer: [UInt8]) throws {
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

    var address: SocketAddress { listener.address }
    var connections: Int { count.lock.withLock { count.connections } }
    var requests: Int { count.lock.withLock { count.requests } }
}
