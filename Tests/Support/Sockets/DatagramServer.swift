internal import Foundation
internal import Glibc

/// A UDP socket on loopback with a thread of its own that says what to answer.
package final class DatagramServer: @unchecked Sendable {
    /// One of the datagrams that answer a request.
    package struct Reply: Sendable {
        let bytes: [UInt8]
        let delay: Duration
        let fromAnotherPort: Bool

        package init(_ bytes: [UInt8], after delay: Duration = .zero, fromAnotherPort: Bool = false) {
            self.bytes = bytes
            self.delay = delay
            self.fromAnotherPort = fromAnotherPort
        }
    }

    package let address: SocketAddress
    private let sockets: [Int32]
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter answer: Nil: nothing is read, so nothing is answered. Replies leave in their order.
    package init(
        host: String = "127.0.0.1", answer: (@Sendable (_ request: [UInt8]) -> [Reply])?
    ) throws(SocketError) {
        sockets = [try datagramSocket(host), try datagramSocket(host)]
        address = SocketAddress(host, SocketAddress.portOfSocket(sockets[0]))
        guard let answer else {
            ended.signal()
            return
        }
        let sockets = sockets
        Thread { [ended] in
            serve(sockets, answer)
            ended.signal()
        }.start()
    }

    deinit {
        // On Linux this wakes recvfrom(2) on another thread, though it says that UDP is not connected.
        for number in sockets { _ = shutdown(number, Int32(SHUT_RDWR)) }
        ended.wait()
        for number in sockets { close(number) }
    }
}

private func serve(_ sockets: [Int32], _ answer: ([UInt8]) -> [DatagramServer.Reply]) {
    var buffer = [UInt8](repeating: 0, count: 2048)
    while true {
        var name = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(sockets[0], &buffer, buffer.count, 0, $0, &size)
            }
        }
        // A request is never empty; what shutdown(2) gives is.
        if count <= 0 { return }
        for reply in answer(Array(buffer.prefix(count))) {
            if reply.delay > .zero { Thread.sleep(forTimeInterval: reply.delay / .seconds(1)) }
            withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(sockets[reply.fromAnotherPort ? 1 : 0], reply.bytes, reply.bytes.count, 0, $0, size)
                }
            }
        }
    }
}

private func datagramSocket(_ host: String) throws(SocketError) -> Int32 {
    let address = SocketAddress(host, 0)
    let number = socket(address.family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SocketError(operation: "socket", number: errno) }
    guard address.withSockaddr({ bind(number, $0, $1) }) == 0 else {
        let error = SocketError(operation: "bind \(address)", number: errno)
        close(number)
        throw error
    }
    return number
}
