internal import Glibc

/// A UDP socket that is connected: it sends to one address, and takes nothing from another.
package final class DatagramClient {
    private let number: Int32

    package init(to address: SocketAddress) throws(SocketError) {
        number = socket(address.family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw SocketError(operation: "socket", number: errno) }
        guard address.withSockaddr({ connect(number, $0, $1) }) == 0 else {
            let error = SocketError(operation: "connect \(address)", number: errno)
            close(number)
            throw error
        }
    }

    deinit {
        close(number)
    }

    package func send(_ bytes: [UInt8]) {
        _ = Glibc.send(number, bytes, bytes.count, 0)
    }

    /// - Returns: Nil when nothing has come.
    package func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = recv(number, &buffer, buffer.count, 0)
        return count < 0 ? nil : Array(buffer.prefix(count))
    }
}
