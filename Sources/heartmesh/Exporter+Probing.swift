internal import Discovery
internal import Mesh
internal import Probing
internal import Reactor

/// What the prober saw goes to the metrics and to the log.
extension Exporter: ProbeObserver {
    func probed(_ number: Int, _ outcome: Outcome, detail: () -> String) {
        guard let slot = slots[number] else { preconditionFailure("an outcome of slot \(number), which is free") }
        let wasFailing = slot.isFailing
        slots[number]!.last = (outcome, wallClockSeconds())
        switch outcome {
        case .success(let latency, let backend):
            slots[number]!.latency = latency
            metrics.probes.succeeded(slot.series, latency: latency, backend: backend)
        case .failure(let reason):
            // Perhaps the peer is gone or has moved, or somebody answered who is not known yet: what fails anew is a
            // reason to look.
            if !wasFailing, slot.target.channel.isPeerAddressed || reason == .wrongPeer { kubernetes?.lookSoon() }
            if slot.state.failuresCount {
                metrics.probes.failed(slot.series, slot.target, reason)
            } else {
                metrics.probes.excluded(slot.state)
            }
            let name = slot.target.node.isEmpty ? slot.target.name : slot.target.node
            sampledLog.write(
                .warn, key: name, at: loop.now, "probe failed", ("target", name),
                ("channel", slot.target.channel.rawValue), ("url", slot.target.url), ("address", slot.target.place),
                ("state", slot.state.label), ("reason", reason.rawValue), ("error", detail()))
        }
    }

    func retransmitted(_ number: Int, _ retransmissions: Retransmissions) {
        // To a peer that is shutting down they mean no more than failures do.
        guard let slot = slots[number], slot.state.failuresCount else { return }
        metrics.probes.connections.retransmitted(slot.series.connections, retransmissions)
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
        // As their failures were.
        if slot.state.failuresCount { metrics.probes.lost(slot.series, requests: requests, replies: replies) }
    }

    func received(_ reply: UnexpectedReply, over probe: ProbeProtocol) {
        metrics.probes.received(reply, over: probe)
    }
}

extension Exporter.Slot {
    var isFailing: Bool {
        if case .failure = last?.outcome { true } else { false }
    }

    var targetState: TargetState { state.failuresCount ? .probed : .excluded }
}
