package import Mesh
package import Reactor

/// What the prober saw. Called on the loop, never from within `add` or `remove`.
package protocol ProbeObserver: AnyObject {
    /// Targets may be added and removed from here.
    ///
    /// - Parameter detail: For the log; not to be made unless it is wanted.
    func probed(_ slot: Int, _ outcome: Outcome, detail: () -> String)
    /// Segments were sent again in a probe, whatever has come of it; `probed` follows. Not called for none.
    func retransmitted(_ slot: Int, _ retransmissions: Retransmissions)
    /// How the time of a probe over HTTP was spent that succeeded; `probed` follows.
    func passed(_ slot: Int, _ phases: Phases)
    /// A DNS server sent something else than a good answer; `probed` follows when it ends the probe. No target is added or
    /// removed from here.
    func noted(_ slot: Int, _ note: DNSNote)
    /// What a target's certificates say, now and then; before the outcome of the same probe.
    func saw(_ dates: CertificateDates, of slot: Int)
    /// The one node that must answer has said that it is shutting down, or no longer says so; before the outcome of the same
    /// probe. Only when it says something else than before, at first that it is not.
    func heard(_ slot: Int, isDraining: Bool)
    /// A node of this mesh has answered that is not known; `probed` with the reason `wrongPeer` follows.
    ///
    /// - Parameter node: `stableHash` of its name.
    func met(_ slot: Int, stranger node: UInt64)
    /// A probe was started this late.
    func started(late lag: Duration)
    func skipped(_ count: Int, _ reason: SkipReason)
    /// Of so many probes over UDP that timed out, it is known now on which way they got lost.
    func lost(_ slot: Int, requests: Int, replies: Int)
    /// A datagram came that is no answer to a probe under way.
    func received(_ reply: UnexpectedReply)
}

/// What a datagram is that answers no probe under way; the label `kind` of `heartmesh_udp_unexpected_replies_total`.
package enum UnexpectedReply: String, CaseIterable, Sendable {
    /// Its probe has ended without it.
    case late
    /// Its probe has been answered.
    case duplicate
    /// It belongs to no probe: another nonce, flow or sender, or no reply at all.
    case foreign
}

extension ProbeObserver {
    package func noted(_ slot: Int, _ note: DNSNote) {}
    package func heard(_ slot: Int, isDraining: Bool) {}
    package func met(_ slot: Int, stranger node: UInt64) {}
}

/// Why a probe was not made; the label `reason` of `heartmesh_probes_skipped_total`.
package enum SkipReason: String, CaseIterable, Sendable {
    /// The loop was away for longer than the target's interval.
    case late
    /// Too many probes are under way.
    case budget
    /// It was under way when this exporter ended.
    case shutdown
}
