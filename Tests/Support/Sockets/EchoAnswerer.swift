internal import Foundation
internal import Glibc

/// A host that answers echo requests in the place of the kernel, which has been told not to. Needs CAP_NET_RAW.
package final class EchoAnswerer: @unchecked Sendable {
    /// A message, from its ICMP header on.
    package struct Reply: Sendable {
        let bytes: [UInt8]
        let delay: Duration
        let isFromElsewhere: Bool

        package init(_ bytes: [UInt8], after delay: Duration = .zero, isFromElsewhere: Bool = false) {
            self.bytes = bytes
            self.delay = delay
            self.isFromElsewhere = isFromElsewhere
        }
    }

    private let sockets: [Int32]
    private let isEnding = Locked(false)
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - hosts: The address that it has, and the one from elsewhere.
    ///   - answer: From the requests. Replies leave in their order.
    package init(
        _ hosts: [String], answer: @escaping @Sendable (_ request: [UInt8]) -> [Reply]
    ) throws(SocketError) {
        let is6 = hosts[0].contains(":")
        sockets = [try rawSocket(hosts[0]), try rawSocket(hosts[1])]
        Thread { [sockets, isEnding, ended] in
            serve(sockets, is6: is6, while: { !isEnding.with { $0 } }, answer)
            ended.signal()
        }.start()
    }

    deinit {
        isEnding.with { $0 = true }
        ended.wait()
        for number in sockets { close(number) }
    }
}

private func rawSocket(_ host: String) throws(SocketError) -> Int32 {
    let is6 = host.contains(":")
    let flags = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
    let number = socket(is6 ? AF_INET6 : AF_INET, flags, Int32(is6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
    guard number >= 0 else { throw SocketError(operation: "socket", number: errno) }
    // So that it sees that its time is up.
    var wait = timeval(tv_sec: 0, tv_usec: 20_000)
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    guard SocketAddress(host, 0).withSockaddr({ bind(number, $0, $1) }) == 0 else {
        let error = SocketError(operation: "bind \(host)", number: errno)
        close(number)
        throw error
    }
    return number
}

private func serve(
    _ sockets: [Int32], is6: Bool, while isWanted: () -> Bool, _ answer: ([UInt8]) -> [EchoAnswerer.Reply]
) {
    var buffer = [UInt8](repeating: 0, count: 2048)
    while isWanted() {
        var name = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(sockets[0], &buffer, buffer.count, 0, $0, &size)
            }
        }
        if count <= 0 { continue }
        let message = Array(buffer[..<count].dropFirst(is6 ? 0 : Int(buffer[0] & 15) * 4))
        guard message.first == (is6 ? 128 : 8) else { continue }
        for reply in answer(message) {
            if reply.delay > .zero { Thread.sleep(forTimeInterval: reply.delay / .seconds(1)) }
            withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(sockets[reply.isFromElsewhere ? 1 : 0], reply.bytes, reply.bytes.count, 0, $0, size)
                }
            }
        }
    }
}
