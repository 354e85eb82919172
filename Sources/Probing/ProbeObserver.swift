package import Mesh

/// What the prober saw. Called on the loop, never from within `add` or `remove`.
package protocol ProbeObserver: AnyObject {
    /// Targets may be added and removed from here.
    ///
    /// - Parameter detail: For the log; not to be made unless it is wanted.
    func probed(_ slot: Int, _ outcome: Outcome, detail: () -> String)
    /// What a target's certificates say, now and then; before the outcome of the same probe.
    func saw(_ dates: CertificateDates, of slot: Int)
    /// A probe was started this late.
    func started(late lag: Duration)
    func skipped(_ count: Int, _ reason: SkipReason)
}

/// Why a probe was not made; the label `reason` of `heartmesh_probes_skipped_total`.
package enum SkipReason: String, CaseIterable, Sendable {
    /// The loop was away for longer than the target's interval.
    case late
    /// Too many probes are under way.
    case budget
}
