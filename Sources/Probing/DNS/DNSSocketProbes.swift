internal import Reactor

/// The DNS probes over UDP and TCP: their sockets are the loop's, and one alarm stands for all their timeouts.
final class DNSSocketProbes {
    /// Bytes that are read at once: more than an answer over UDP is allowed to have (DNSQuery.recommendedUDPSize). What a
    /// server sends beyond is cut, which the message's counts show.
    private static let bufferSize = 4096

    /// Shared by all probes, used within one call.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: DNSSocketProbes.bufferSize, alignment: 1)

    private unowned let owner: DNSProbes
    private let loop: EventLoop
    private var alarm: Alarm!
    /// By their numbers: those under way and those that are idle.
    private var probes: [DNSSocketProbe] = []
    private var idle: [DNSSocketProbe] = []
    /// Of those that are under way.
    private var deadlines = Deadlines()
    private var question: [UInt8] = []

    init(_ owner: DNSProbes, on loop: EventLoop) {
        self.owner = owner
        self.loop = loop
        alarm = loop.alarm { [unowned self] in endOverdue() }
    }

    deinit {
        loop.remove(alarm)
        while let (number, _) = deadlines.first { end(probes[number]) }
        buffer.deallocate()
    }

    func start(_ attempt: Attempt, at aim: DNSAim, timeout: Duration) {
        let probe = idle.popLast() ?? DNSSocketProbe(self, number: probes.count)
        if probe.number == probes.count { probes.append(probe) }
        do {
            try probe.start(attempt, at: aim, on: loop)
            deadlines.set(probe.number, to: probe.startedAt + timeout)
            setAlarm()
        } catch {
            idle.append(probe)
            owner.finished(attempt, .error(errno: error.errno), latency: 0)
        }
    }

    /// - Returns: The message, in memory that is used again for the next one.
    func message(of query: DNSQuery, isFramed: Bool) -> [UInt8] {
        question.removeAll(keepingCapacity: true)
        query.append(to: &question, isFramed: isFramed)
        return question
    }

    func watch(_ descriptor: Int32, for readiness: Readiness, _ probe: DNSSocketProbe) {
        loop.watch(descriptor, for: readiness, handler: probe)
    }

    func dropped(_ probe: DNSSocketProbe, _ stray: DNSVerdict.Stray) {
        owner.dropped(probe.attempt, stray)
    }

    /// The probe knows what came of it.
    ///
    /// An answer that is there is an answer even when the loop comes late to look: then it is this machine that was slow.
    func finished(_ probe: DNSSocketProbe, _ result: DNSResult) {
        // The loop may have handled others since it woke up.
        let latency = Instant.now() - probe.startedAt
        if case .verdict(.truncated) = result, probe.mayConnect {
            probe.end(on: loop)
            do {
                return try probe.connect(on: loop)
            } catch {
                return conclude(probe, .error(errno: error.errno), latency: 0)
            }
        }
        conclude(probe, result, latency: latency.nanoseconds)
    }

    private func conclude(_ probe: DNSSocketProbe, _ result: DNSResult, latency: Int64) {
        let retransmissions = end(probe)
        setAlarm()
        owner.finished(probe.attempt, result, latency: latency, retransmissions)
    }

    private func endOverdue() {
        while let (number, deadline) = deadlines.first, deadline <= loop.now {
            let retransmissions = end(probes[number])
            owner.finished(probes[number].attempt, .overdue, latency: 0, retransmissions)
        }
        setAlarm()
    }

    @discardableResult
    private func end(_ probe: DNSSocketProbe) -> Retransmissions {
        deadlines.remove(probe.number)
        idle.append(probe)
        return probe.end(on: loop)
    }

    private func setAlarm() {
        alarm.deadline = deadlines.first?.deadline ?? .never
    }
}
