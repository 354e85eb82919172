internal import Glibc
internal import Mesh
internal import Reactor

/// One question over UDP or TCP, on a socket of its own; used again for the next one.
///
/// A new socket for each question has a port of its own. So a forged answer has to guess it beside the id (RFC 5452,
/// section 9.2), a late answer finds nobody who could take it for the next one's, and a broken entry in a table of
/// connections on the way is not met by chance again and again. It is connected: answers of others are the kernel's to
/// drop, and what the network says of the question is heard at once.
final class DNSSocketProbe: ReadinessHandler {
    private enum Stage {
        /// UDP, the question is on its way.
        case datagrams
        /// TCP.
        case connecting, stream
    }

    /// Datagrams that are looked at before others have their turn: a flood must not hold the loop.
    private static let batch = 16

    /// Its place among all of them.
    let number: Int
    private unowned let probes: DNSSocketProbes
    private(set) var attempt = Attempt()
    private(set) var startedAt = Instant.never
    private var aim: DNSAim!
    private var query: DNSQuery!
    private var stage = Stage.datagrams
    private var socket: Socket?
    private var stream = DNSStream()
    /// Over TCP: what had been sent again when the connection stood.
    private var sentAgain = 0

    init(_ probes: DNSSocketProbes, number: Int) {
        self.probes = probes
        self.number = number
    }

    /// - Throws: When it has failed already.
    func start(_ attempt: Attempt, at aim: DNSAim, on loop: EventLoop) throws(SystemError) {
        self.attempt = attempt
        self.aim = aim
        query = aim.query
        startedAt = .now()
        if aim.transport == .udp { try ask(on: loop) } else { try connect(on: loop) }
    }

    private func ask(on loop: EventLoop) throws(SystemError) {
        stage = .datagrams
        query.id = .random(in: 0...UInt16.max)
        let socket = try Socket(datagramsTo: aim.endpoint)
        try socket.connect(to: aim.endpoint)
        _ = try socket.send(probes.message(of: query, isFramed: false))
        loop.watch(socket.number, for: .readable, handler: self)
        self.socket = consume socket
    }

    /// Begins to ask over TCP: at the start, or again after an answer that was cut.
    func connect(on loop: EventLoop) throws(SystemError) {
        stage = .connecting
        stream = DNSStream()
        sentAgain = 0
        query.id = .random(in: 0...UInt16.max)
        let socket = try Socket(streamTo: aim.endpoint)
        try socket.connect(to: aim.endpoint)
        loop.watch(socket.number, for: .writable, handler: self)
        self.socket = consume socket
    }

    /// Whether the answer may be asked for over TCP now.
    var mayConnect: Bool { stage == .datagrams && aim.question.repeatsTruncatedOverTCP }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        do throws(SystemError) {
            switch stage {
            case .datagrams: try receiveDatagrams()
            case .connecting: try connected(descriptor, readiness)
            case .stream: try receiveStream()
            }
        } catch {
            probes.finished(self, .error(errno: error.errno))
        }
    }

    private func receiveDatagrams() throws(SystemError) {
        for _ in 0..<DNSSocketProbe.batch {
            guard let message = try receive() else { return }
            let verdict = judge(message)
            guard case .notForUs(let stray) = verdict else { return probes.finished(self, .verdict(verdict)) }
            probes.dropped(self, stray)
        }
    }

    private func connected(_ descriptor: Int32, _ readiness: Readiness) throws(SystemError) {
        var error = takeError()
        // Made and at once taken down again, with no error left to read.
        if error == 0, readiness.contains(.hungUp) { error = ECONNRESET }
        if error != 0 { throw SystemError("connect", errno: error) }
        sentAgain = retransmittedSegments
        let message = probes.message(of: query, isFramed: true)
        // A new connection takes 284 bytes at once.
        if try send(message) < message.count { throw SystemError("send", errno: ENOBUFS) }
        stage = .stream
        probes.watch(descriptor, for: .readable, self)
    }

    private func receiveStream() throws(SystemError) {
        guard var portion = try receive() else { return }
        if portion.isEmpty { return probes.finished(self, .closed) }
        if let message = stream.next(from: &portion) {
            probes.finished(self, .verdict(message.withUnsafeBytes { judge($0) }))
        }
    }

    private func judge(_ message: UnsafeRawBufferPointer) -> DNSVerdict {
        query.judge(message, expecting: aim.question.expectation, describing: 0)
    }

    // MARK: The socket

    /// - Returns: In a buffer that all share; nil when there is nothing yet.
    private func receive() throws(SystemError) -> UnsafeRawBufferPointer? {
        guard let count = try socket?.receive(into: probes.buffer) else { return nil }
        return UnsafeRawBufferPointer(rebasing: probes.buffer[..<count])
    }

    private func send(_ message: [UInt8]) throws(SystemError) -> Int {
        try socket?.send(message) ?? 0
    }

    private func takeError() -> Int32 {
        guard let error = socket?.takeError() else { preconditionFailure("the probe is under way") }
        return error
    }

    private var retransmittedSegments: Int { socket?.retransmittedSegments ?? 0 }

    /// Closes the socket, if there is one.
    ///
    /// - Returns: What the kernel has sent again on it, over TCP.
    @discardableResult
    func end(on loop: EventLoop) -> Retransmissions {
        guard let socket = socket.take() else { return Retransmissions() }
        loop.forget(socket.number)
        switch stage {
        case .datagrams: return Retransmissions()
        case .connecting: return Retransmissions(connect: socket.retransmittedSegments)
        case .stream:
            return Retransmissions(connect: sentAgain, data: max(socket.retransmittedSegments - sentAgain, 0))
        }
    }
}
