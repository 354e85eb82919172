import Glibc
import Mesh
import Reactor
import Support

@testable import Probing

/// A DNS server over TCP on the loop of the test: reads one query from each connection and then does what the test says.
/// The loop keeps it.
final class StubDNSStream: ReadinessHandler {
    enum Step {
        /// Sent at once, in one piece.
        case bytes([UInt8])
        case close, reset
    }

    let address: SocketAddress
    private unowned let loop: EventLoop
    private let listener: Descriptor
    private let script: ([UInt8]) -> [Step]
    private var alarm: Alarm!
    private var connections: [Int32: Conversation] = [:]

    private struct Conversation {
        var query: [UInt8] = []
        /// Those that are still to be done, one in each millisecond.
        var steps: [Step]?
    }

    /// - Parameter script: Called with each query, without its length.
    init(on loop: EventLoop, script: @escaping ([UInt8]) -> [Step]) throws {
        self.loop = loop
        self.script = script
        let port = try FreePort()
        address = port.address
        listener = try ListenAddress("\(port.address)").listen()
        loop.watch(listener.number, for: .readable, handler: self)
        alarm = loop.alarm { [unowned self] in goOn() }
    }

    deinit {
        for number in connections.keys { close(number) }
    }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        if descriptor == listener.number { return accept() }
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        // Whoever asked has gone.
        if count <= 0 {
            if count == 0 || errno != EAGAIN { end(descriptor) }
            return
        }
        connections[descriptor]!.query += buffer[..<count]
        let query = connections[descriptor]!.query
        guard query.count > 2, query.count == 2 + Int(query[0]) << 8 + Int(query[1]) else { return }
        connections[descriptor]!.steps = script(Array(query[2...]))
        alarm.deadline = .now()
    }

    private func accept() {
        let number = Glibc.accept(listener.number, nil, nil)
        if number < 0 { return }
        var one: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        connections[number] = Conversation()
        loop.watch(number, for: .readable, handler: self)
    }

    private func goOn() {
        var isUnderWay = false
        for (number, conversation) in connections {
            guard let steps = conversation.steps, let step = steps.first else { continue }
            connections[number]!.steps = Array(steps.dropFirst())
            isUnderWay = true
            switch step {
            case .bytes(let bytes): Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            case .close: end(number)
            case .reset:
                var abort = linger(l_onoff: 1, l_linger: 0)
                setsockopt(number, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
                end(number)
            }
        }
        alarm.deadline = isUnderWay ? .now() + .milliseconds(1) : .never
    }

    private func end(_ number: Int32) {
        loop.forget(number)
        connections[number] = nil
        close(number)
    }
}
