internal import Discovery
internal import Mesh
internal import Probing
internal import Reactor

/// A peer that was well and fails may be gone, and nobody has said so yet: before its first failure counts, the API is
/// asked. What is not decided is held, and neither counted nor logged.
extension Exporter {
    /// A probe has failed: it is excluded, held or counted.
    func failed(_ failure: HeldFailure, _ slot: Slot, stranger: UInt64?) {
        if !slot.state.failuresCount { return exclude(failure, slot.state) }
        guard let kubernetes, let subject = subject(of: slot, stranger) else { return count(failure) }
        let peer: Peer? = if case .peer(let node) = subject { plan.topology[node] } else { nil }
        guard let question = held.hold(failure, of: subject, peer) else { return }
        ask(kubernetes, question)
    }

    /// Whom the API can tell something about that explains the failure; nil when it counts as it is.
    private func subject(of slot: Slot, _ stranger: UInt64?) -> HeldFailures.Subject? {
        if let stranger {
            let subject = HeldFailures.Subject.stranger(stranger)
            return held.isForeign(subject) ? nil : subject
        }
        let target = slot.target
        if slot.isUnwell || !target.channel.isPeerAddressed || target.node == plan.node { return nil }
        return .peer(node: target.node)
    }

    private func ask(_ kubernetes: KubernetesSource, _ question: HeldFailures.Question) {
        kubernetes.confirm { [unowned self] isConfirmed in
            if let decision = held.answered(question, isConfirmed: isConfirmed, fate: fate) { decide(decision) }
            confirming.deadline = held.nextLook
        }
    }

    func askAgain() {
        guard let kubernetes else { return }
        for question in held.questions(at: loop.now) { ask(kubernetes, question) }
        confirming.deadline = held.nextLook
    }

    /// The state in which failures of the subject are expected, if it is in one by now.
    private func fate(_ subject: HeldFailures.Subject, _ before: Peer?) -> PeerState? {
        switch subject {
        case .stranger(let hash):
            return prober.backends.knows(hash) ? .warming : nil
        case .peer(let node):
            guard let now = plan.topology[node], let before, now.isSameEndpoint(as: before) else { return .gone }
            let state = lifeCycle.state(of: node)
            return state.failuresCount ? nil : state
        }
    }

    /// Decides what the present topology decides. What is held of targets that leave for another reason counts.
    ///
    /// - Parameter leaving: The slots of targets that are about to be removed.
    func reviewHeld(leaving: [Int] = []) {
        for decision in held.reviewed(fate: fate) { decide(decision) }
        for failure in held.take(slots: Set(leaving)) { count(failure) }
    }

    /// At the end.
    func countHeld() {
        for failure in held.takeAll() { count(failure) }
    }

    /// A probe has succeeded: whoever answered it was there, and what had failed before counts.
    func refute(_ number: Int, _ slot: Slot, latency: Int64) {
        let node = slot.target.isAnsweredByPeer ? slot.target.node : nil
        let start = Instant(nanoseconds: loop.now.nanoseconds - latency)
        for failure in held.take(slot: number, of: node, before: start) { count(failure) }
    }

    private func decide(_ decision: HeldFailures.Decision) {
        for failure in decision.failures {
            if let state = decision.excluded { exclude(failure, state) } else { count(failure) }
        }
    }

    // MARK: Decided

    private func count(_ failure: HeldFailure) {
        let slot = slot(of: failure)
        slots[failure.slot]!.isUnwell = true
        metrics.probes.failed(slot.series, slot.target, failure.reason)
        metrics.probes.connections.retransmitted(slot.series.connections, failure.retransmissions)
        if slot.heldLosses.requests + slot.heldLosses.replies > 0 {
            metrics.probes.lost(slot.series, requests: slot.heldLosses.requests, replies: slot.heldLosses.replies)
            slots[failure.slot]!.heldLosses = (0, 0)
        }
        log(failure, slot, slot.state, isCounted: true)
    }

    /// What was sent again to a peer that comes or goes, and which way lost its datagrams, mean no more than the failure.
    private func exclude(_ failure: HeldFailure, _ state: PeerState) {
        let slot = slot(of: failure)
        slots[failure.slot]!.heldLosses = (0, 0)
        metrics.probes.excluded(state)
        log(failure, slot, state, isCounted: false)
    }

    private func slot(of failure: HeldFailure) -> Slot {
        guard let slot = slots[failure.slot] else {
            preconditionFailure("a failure of slot \(failure.slot), which is free")
        }
        return slot
    }

    private func log(_ failure: HeldFailure, _ slot: Slot, _ state: PeerState, isCounted: Bool) {
        let name = slot.target.node.isEmpty ? slot.target.name : slot.target.node
        sampledLog.write(
            .warn, key: name, at: loop.now, "probe failed", ("target", name),
            ("channel", slot.target.channel.rawValue), ("url", slot.target.url), ("address", slot.target.place),
            ("state", state.label), ("counted", isCounted), ("reason", failure.reason.rawValue),
            ("error", failure.detail))
    }
}
