internal import Discovery
internal import Mesh
internal import Probing
internal import Reactor

/// What the prober saw goes to the metrics and to the log.
extension Exporter: ProbeObserver {
    func probed(_ number: Int, _ outcome: Outcome, detail: () -> String) {
        guard let slot = slots[number] else { preconditionFailure("an outcome of slot \(number), which is free") }
        let remark = remark.take().flatMap { $0.slot == number ? $0 : nil }
        slots[number]!.last = (outcome, wallClockSeconds())
        switch outcome {
        case .success(let latency, let backend):
            if let latency {
                slots[number]!.latency = latency
                if !held.isEmpty { refute(number, slot, latency: latency) }
            }
            if slot.isUnwell { slots[number]!.isUnwell = false }
            if slot.state == .warming, slot.target.isAnsweredByPeer { proved(slot.target.node) }
            metrics.probes.succeeded(slot.series, latency: latency, lastLatency: slot.latency, backend: backend)
            if let remark, slot.state.failuresCount {
                metrics.probes.connections.retransmitted(slot.series.connections, remark.retransmissions)
            }
        case .failure(let reason):
            let failure = HeldFailure(
                slot: number, reason: reason, endedAt: loop.now,
                retransmissions: remark?.retransmissions ?? Retransmissions(), detail: detail())
            failed(failure, slot, stranger: remark?.stranger)
        }
    }

    func retransmitted(_ number: Int, _ retransmissions: Retransmissions) {
        // Whether they count is for the outcome to say.
        if remark?.slot != number { remark = Remark(slot: number) }
        remark?.retransmissions = retransmissions
    }

    func met(_ number: Int, stranger node: UInt64) {
        if remark?.slot != number { remark = Remark(slot: number) }
        remark?.stranger = node
    }

    func passed(_ number: Int, _ phases: Phases) {
        // Without a copy of the whole slot.
        guard let series = slots[number]?.series.connections else { return }
        metrics.probes.connections.passed(series, phases)
    }

    func noted(_ number: Int, _ note: DNSNote) {
        guard let slot = slots[number] else { preconditionFailure("a note of slot \(number), which is free") }
        metrics.dns.noted(slot.target, note)
    }

    func saw(_ dates: CertificateDates, of number: Int) {
        guard let slot = slots[number] else { preconditionFailure("certificates of slot \(number), which is free") }
        let series = slot.certificates?.series ?? metrics.certificates.acquire(slot.target)
        slots[number]!.certificates = (dates, series)
        let all = slots.compactMap(\.self)
            .filter { $0.target.channel == slot.target.channel && $0.target.name == slot.target.name }
        metrics.certificates.show(all.compactMap(\.certificates?.dates), series)
    }

    func started(late lag: Duration) {
        metrics.started(late: lag)
    }

    func skipped(_ count: Int, _ reason: SkipReason) {
        metrics.skipped(count, reason)
    }

    func lost(_ number: Int, requests: Int, replies: Int) {
        guard let slot = slots[number] else { preconditionFailure("a loss of slot \(number), which is free") }
        // As their failures are.
        if !slot.state.failuresCount { return }
        if held.holds(slot: number) {
            slots[number]!.heldLosses.requests += requests
            slots[number]!.heldLosses.replies += replies
        } else {
            metrics.probes.lost(slot.series, requests: requests, replies: replies)
        }
    }

    func received(_ reply: UnexpectedReply, over probe: ProbeProtocol) {
        metrics.probes.received(reply, over: probe)
    }
}

extension Exporter {
    /// What is said of a probe before its outcome.
    struct Remark {
        let slot: Int
        var retransmissions = Retransmissions()
        /// Nobody knows the node that answered: `stableHash` of its name.
        var stranger: UInt64?
    }
}

extension Exporter.Slot {
    var targetState: TargetState { state.failuresCount ? .probed : .excluded }
}
