internal import Glibc
internal import Mesh
internal import Reactor

extension UDPProbes {
    func ready(_ socket: UDPSocket, for readiness: Readiness) {
        if readiness.contains(.failed) { takeErrors(socket) }
        for _ in 0..<UDPProbes.turnLimit {
            guard let size = socket.socket.receive(into: buffer, &datagram) else { break }
            received(UnsafeRawBufferPointer(rebasing: buffer[..<min(size, buffer.count)]))
        }
        setAlarm()
    }

    /// Takes what another node says has arrived there.
    func received(_ report: Beat.Report, in carrier: UDPFlow.Carrier, at arrival: Instant) {
        aim(of: report.flow)?.flow.received(report.window, in: carrier, at: arrival)
    }

    private func received(_ bytes: UnsafeRawBufferPointer) {
        guard let reply = Beat(bytes), reply.kind == .reply, let aim = aim(of: reply.flow),
            datagram.peer == aim.endpoint
        else { return prober.received(.foreign) }
        var arrival = Instant.now()
        if let number = aim.flow.underWay(reply.sequence, nonce: reply.nonce), let probe = probes[number] {
            arrival = datagram.arrival(after: probe.startedAt, now: arrival)
            // The loop was away, and the reply is seen before the alarm.
            if arrival > probe.deadline { timeOut(number) }
        }
        let respondent = aim.answerer.respondent(of: Beat.identity(in: bytes)) { prober.backends.locality(of: $0) }
        switch aim.flow.replied(reply.sequence, nonce: reply.nonce) {
        case .answer(let number): finish(number, respondent, Beat.identity(in: bytes), at: arrival)
        case .duplicate: prober.received(.duplicate)
        case .late: prober.received(.late)
        case .foreign: return prober.received(.foreign)
        }
        // Another one's report says nothing about the way to the right one.
        if case .right = respondent, reply.report.flow == reply.flow {
            received(reply.report, in: .reply, at: arrival)
        }
    }

    private func finish(
        _ number: Int, _ respondent: AnswerHead.Respondent, _ identity: Slice<UnsafeRawBufferPointer>,
        at arrival: Instant
    ) {
        let probe = end(number)
        if case .right(let locality) = respondent {
            if probe.aim.answerer.isFromOneNode {
                prober.heard(probe.aim.attempt, isDraining: Identity.isDraining(identity))
            }
            let latency = (arrival - probe.startedAt).nanoseconds
            prober.finished(probe.aim.attempt, .success(latency: latency, backend: locality)) { "answered" }
        } else {
            prober.finished(probe.aim.attempt, .failure(.wrongPeer)) {
                "answered by \(String(decoding: identity, as: UTF8.self))"
            }
        }
    }

    /// Takes what ICMP says of datagrams that were sent from a socket.
    ///
    /// - Returns: How many errors there were.
    @discardableResult
    func takeErrors(_ socket: UDPSocket) -> Int {
        var count = 0
        while count < UDPProbes.turnLimit, let size = socket.socket.receiveError(into: buffer, &datagram) {
            count += 1
            // This machine's own errors are told to the one who sends.
            guard datagram.isFromNetwork else { continue }
            let quoted = UnsafeRawBufferPointer(rebasing: buffer[..<size])
            guard let number = probe(quoted, sentTo: datagram.peer, from: socket), probes[number] != nil else {
                continue
            }
            let errno = datagram.error
            let probe = end(number)
            probe.aim.flow.failed(probe.sequence)
            prober.finished(probe.aim.attempt, .failure(Reason(fromNetwork: errno))) { systemErrorText(errno) }
        }
        return count
    }

    /// The probe that an error is about.
    ///
    /// An error quotes the start of the datagram, old routers' no more than the ports (RFC 792): then it is the one that
    /// is under way to that place, if there is only one.
    private func probe(_ quoted: UnsafeRawBufferPointer, sentTo endpoint: Endpoint, from socket: UDPSocket) -> Int? {
        if quoted.count >= Beat.headerSize {
            guard let request = Beat(quoted), let aim = aim(of: request.flow), aim.endpoint == endpoint else {
                return nil
            }
            return aim.flow.underWay(request.sequence, nonce: request.nonce)
        }
        let numbers = probes.indices.filter { probes[$0]?.socket === socket && probes[$0]?.aim.endpoint == endpoint }
        return numbers.count == 1 ? numbers[0] : nil
    }

    private func aim(of flow: UInt64) -> UDPAim? {
        let place = place(of: flow)
        guard place < aims.count, let aim = aims[place], aim.flow.id == flow else { return nil }
        return aim
    }
}

extension Reason {
    /// What a host or a router says by ICMP, as the kernel has translated it. Its EACCES is a rule somewhere on the way
    /// (ICMPv6, RFC 4443, section 3.1), not a permission that this process lacks.
    init(fromNetwork errno: Int32) {
        self = errno == ECONNREFUSED ? .refused : .unreachable
    }
}
