internal import Glibc
internal import Reactor

/// One attempt to connect, and nothing else; used again for the next one.
final class TCPProbe: ReadinessHandler {
    /// Its place among all of them.
    let number: Int
    private unowned let probes: TCPProbes
    private(set) var attempt = Attempt()
    private(set) var startedAt = Instant.never
    private var socket: Socket?

    init(_ probes: TCPProbes, number: Int) {
        self.probes = probes
        self.number = number
    }

    /// - Throws: When it has failed already.
    func start(_ attempt: Attempt, to endpoint: Endpoint, on loop: EventLoop) throws(SystemError) {
        self.attempt = attempt
        let socket = try Socket(streamTo: endpoint)
        startedAt = .now()
        try socket.connect(to: endpoint)
        loop.watch(socket.number, for: .writable, handler: self)
        self.socket = consume socket
    }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        // The loop may have handled others since it woke up.
        let latency = Instant.now() - startedAt
        guard var error = socket?.takeError() else { preconditionFailure("the probe is under way") }
        // Made and at once taken down again, with no error left to read.
        if error == 0, readiness.contains(.hungUp) { error = ECONNRESET }
        probes.finished(self, error, latency: latency.nanoseconds)
    }

    /// Closes the connection.
    ///
    /// - Returns: What the kernel has sent again on it.
    @discardableResult
    func end(on loop: EventLoop) -> Retransmissions {
        guard let socket = socket.take() else { preconditionFailure("the probe is under way") }
        loop.forget(socket.number)
        return Retransmissions(connect: socket.retransmittedSegments)
    }
}
