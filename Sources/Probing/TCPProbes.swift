internal import Mesh
internal import Reactor

/// The TCP probes: their sockets are the loop's, and one alarm stands for all their timeouts.
final class TCPProbes {
    private unowned let prober: Prober
    private let loop: EventLoop
    private var alarm: Alarm!
    /// By their numbers: those under way and those that are idle, which take a hundred bytes each.
    private var probes: [TCPProbe] = []
    private var idle: [TCPProbe] = []
    /// Of those that are under way.
    private var deadlines = Deadlines()

    init(_ prober: Prober, on loop: EventLoop) {
        self.prober = prober
        self.loop = loop
        alarm = loop.alarm { [unowned self] in endOverdue() }
    }

    deinit {
        loop.remove(alarm)
        while let (number, _) = deadlines.first { end(probes[number]) }
    }

    func start(_ attempt: Attempt, to endpoint: Endpoint, timeout: Duration) {
        let probe = idle.popLast() ?? TCPProbe(self, number: probes.count)
        if probe.number == probes.count { probes.append(probe) }
        do {
            try probe.start(attempt, to: endpoint, on: loop)
            deadlines.set(probe.number, to: probe.startedAt + timeout)
            setAlarm()
        } catch {
            idle.append(probe)
            fail(attempt, error.errno)
        }
    }

    /// The probe's socket is ready.
    ///
    /// A connection that stands is a success even when the loop comes late to look: then it is this machine that was slow.
    ///
    /// - Parameter errno: 0: it is connected.
    func finished(_ probe: TCPProbe, _ errno: Int32, latency: Int64) {
        let retransmissions = end(probe)
        setAlarm()
        if errno != 0 {
            fail(probe.attempt, errno, retransmissions)
        } else {
            prober.finished(probe.attempt, .success(latency: latency), retransmissions) { "connected" }
        }
    }

    private func endOverdue() {
        while let (number, deadline) = deadlines.first, deadline <= loop.now {
            let retransmissions = end(probes[number])
            prober.finished(probes[number].attempt, .failure(.timeout), retransmissions) {
                "not connected within the timeout"
            }
        }
        setAlarm()
    }

    @discardableResult
    private func end(_ probe: TCPProbe) -> Retransmissions {
        deadlines.remove(probe.number)
        idle.append(probe)
        return probe.end(on: loop)
    }

    private func fail(_ attempt: Attempt, _ errno: Int32, _ retransmissions: Retransmissions = Retransmissions()) {
        let reason = Reason(TransferFailure.Kind(connectError: errno))
        prober.finished(attempt, .failure(reason), retransmissions) { systemErrorText(errno) }
    }

    private func setAlarm() {
        alarm.deadline = deadlines.first?.deadline ?? .never
    }
}
