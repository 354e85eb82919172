internal import Mesh
internal import Reactor

/// The states of the peers.
extension Exporter {
    /// A peer has answered as it had to.
    func proved(_ node: String) {
        if lifeCycle.answered(node, at: loop.now.nanoseconds) { statesChanged() }
    }

    func heard(_ number: Int, isDraining: Bool) {
        guard let slot = slots[number] else { preconditionFailure("a word of slot \(number), which is free") }
        guard slot.target.isAnsweredByPeer else { return }
        if lifeCycle.heard(slot.target.node, isDraining: isDraining, at: loop.now.nanoseconds) { statesChanged() }
    }

    func timePassed() {
        if lifeCycle.advance(to: loop.now.nanoseconds) { statesChanged() } else { setAging() }
    }

    private func statesChanged() {
        showStates()
        reviewHeld()
    }

    /// Brings every slot, the gauges and the alarm up to the life cycle.
    func showStates() {
        for number in slots.indices where slots[number] != nil {
            slots[number]!.state = lifeCycle.state(of: slots[number]!.target)
        }
        metrics.show(peers: lifeCycle.counts)
        // An address counts once, whatever is sent to it.
        metrics.show(
            targets: slots.compactMap(\.self).filter { $0.target.payload == .small }.map {
                ($0.target.channel, $0.targetState)
            }
                + plan.unprobed.map { ($0.channel, $0.state) })
        setAging()
    }

    private func setAging() {
        aging.deadline = lifeCycle.nextChange.map { Instant(nanoseconds: $0) } ?? .never
    }
}
