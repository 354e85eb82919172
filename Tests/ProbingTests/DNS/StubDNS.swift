import Glibc
import Mesh
import Reactor
import Support

@testable import Probing

/// A DNS server on the loop of the test, which does with each query over UDP what the test says. The loop keeps it.
final class StubDNS: ReadinessHandler {
    /// A query, and where it came from.
    struct Query {
        let bytes: [UInt8]
        fileprivate let sender: sockaddr_in

        var port: UInt16 { UInt16(bigEndian: sender.sin_port) }
        /// The address of `www.example.test`.
        var answer: [UInt8] { stubAnswer(to: bytes) }
    }

    let address: SocketAddress
    private(set) var queries: [Query] = []
    private let number: Int32
    /// On a port that nobody asks.
    private let elsewhere: Int32
    private let script: (StubDNS, Query) -> Void

    /// - Parameters:
    ///   - port: 0: one that is free.
    ///   - script: Called for each query.
    init(on loop: EventLoop, port: UInt16 = 0, script: @escaping (StubDNS, Query) -> Void) throws {
        self.script = script
        (number, address) = try boundSocket(port)
        elsewhere = try boundSocket(0).0
        loop.watch(number, for: .readable, handler: self)
    }

    deinit {
        close(number)
        close(elsewhere)
    }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 1024)
        var sender = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(number, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &size)
            }
        }
        if count < 0 { return }
        let query = Query(bytes: Array(buffer.prefix(count)), sender: sender)
        queries.append(query)
        script(self, query)
    }

    /// - Parameters:
    ///   - query: Whose sender it goes to.
    ///   - fromElsewhere: From another port than the query went to.
    func send(_ message: [UInt8], to query: Query, fromElsewhere: Bool = false) {
        var receiver = query.sender
        // The one who asked may have closed its socket: that is its own affair.
        _ = withUnsafePointer(to: &receiver) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    fromElsewhere ? elsewhere : number, message, message.count, 0, $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// - Parameter query: For `www.example.test`, with EDNS.
func stubAnswer(to query: [UInt8], flags: [UInt8] = [0x81, 0x80]) -> [UInt8] {
    // Without the OPT record, whose eleven bytes come last.
    Array(query[..<2]) + flags + hex("0001 0001 0000 0000") + query[12..<query.count - 11] + hex(DNSAnswer.address)
}

private func boundSocket(_ port: UInt16) throws -> (Int32, SocketAddress) {
    let number = try systemCall("socket") { socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &name) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            try systemCall("bind") { bind(number, address, size) }
            try systemCall("getsockname") { getsockname(number, address, &size) }
        }
    }
    return (number, SocketAddress("127.0.0.1", UInt16(bigEndian: name.sin_port)))
}
