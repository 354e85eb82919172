import Glibc
import Support
import Testing

@testable import Reactor

struct SocketTransferTests {
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 1)

    /// What is sent comes, cut to the buffer, and what was not sent does not.
    @Test(arguments: ["127.0.0.1", "::1"])
    func datagrams(host: String) throws {
        defer { buffer.deallocate() }
        let loop = try EventLoop()
        // Its own port is the one that it sends to.
        let endpoint = Endpoint(host, try FreePort(on: [host]).port)
        let socket = try Socket(datagramsTo: endpoint)
        let number = socket.number
        try systemCall("bind") { endpoint.withSocketAddress { bind(number, $0, $1) } }
        try socket.connect(to: endpoint)
        #expect(try socket.receive(into: buffer) == nil)
        #expect(try socket.send([1, 2, 3]) == 3)
        #expect(try socket.send([UInt8](repeating: 4, count: 20)) == 20)
        let handler = Handler()
        loop.watch(socket.number, for: .readable, handler: handler)
        #expect(loop.turn(while: { handler.calls.isEmpty }))
        #expect(try socket.receive(into: buffer) == 3)
        #expect(buffer.prefix(3).elementsEqual([1, 2, 3]))
        #expect(try socket.receive(into: buffer) == 8)
        #expect(try socket.receive(into: buffer) == nil)
        loop.forget(socket.number)
    }

    /// The network's word of an earlier datagram.
    @Test(arguments: ["127.0.0.1", "::1"])
    func nobodyListens(host: String) throws {
        defer { buffer.deallocate() }
        let loop = try EventLoop()
        let endpoint = Endpoint(host, try FreePort(on: [host]).port)
        let socket = try Socket(datagramsTo: endpoint)
        try socket.connect(to: endpoint)
        #expect(try socket.send([1]) == 1)
        let handler = Handler()
        loop.watch(socket.number, for: .readable, handler: handler)
        #expect(loop.turn(while: { handler.calls.isEmpty }))
        do {
            _ = try socket.receive(into: buffer)
            Issue.record("nothing was refused")
        } catch {
            #expect(error.errno == ECONNREFUSED)
        }
        loop.forget(socket.number)
    }
}
