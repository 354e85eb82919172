internal import Glibc
internal import Mesh
internal import Reactor

extension ICMPProbes {
    func ready(_ socket: ICMPSocket, for readiness: Readiness) {
        // Before the errors: what has been answered has found a way.
        for _ in 0..<ICMPProbes.turnLimit {
            guard let message = socket.echo.receive(into: buffer, &datagram) else { break }
            received(message, from: socket)
        }
        if readiness.contains(.failed) { takeErrors(socket) }
        setAlarm()
    }

    private func received(_ message: UnsafeRawBufferPointer, from socket: ICMPSocket) {
        let isOwn = Echo.identifier(of: message) == socket.echo.identifier
        // A raw socket sees the answers to everybody's requests: they say nothing of these probes.
        if socket.echo.kind == .raw, !isOwn { return }
        guard isOwn, let reply = Echo(reply: message, socket.family) else {
            return prober.received(.foreign, over: .icmp)
        }
        var arrival = Instant.now()
        if let place = table.underWay(reply, to: datagram.peer) {
            arrival = datagram.arrival(after: table[place].startedAt, now: arrival)
            // The loop was away, and the reply is seen before the alarm.
            if arrival > table[place].deadline { timeOut(place) }
        }
        switch table.replied(reply, from: datagram.peer) {
        case .answer(let place): finish(place, at: arrival)
        case .duplicate: prober.received(.duplicate, over: .icmp)
        case .late: prober.received(.late, over: .icmp)
        case .foreign: prober.received(.foreign, over: .icmp)
        }
    }

    /// Takes what the network says of requests that were sent from a socket.
    ///
    /// - Returns: How many errors there were.
    @discardableResult
    func takeErrors(_ socket: ICMPSocket) -> Int {
        var count = 0
        while count < ICMPProbes.turnLimit, let size = socket.echo.socket.receiveError(into: buffer, &datagram) {
            count += 1
            let errno = datagram.error
            // This machine's own errors are told to the one who sends. EREMOTEIO: a redirect or a source quench, of a
            // request that went on its way all the same.
            guard datagram.isFromNetwork, errno != EREMOTEIO,
                let request = Echo(quoted: UnsafeRawBufferPointer(rebasing: buffer[..<size]), socket.family),
                request.identifier == socket.echo.identifier, let place = table.underWay(request, to: datagram.peer)
            else { continue }
            // Whatever it says: somebody on the way or at its end has not let the request through.
            prober.finished(end(place), .failure(.unreachable)) { systemErrorText(errno) }
        }
        return count
    }
}
