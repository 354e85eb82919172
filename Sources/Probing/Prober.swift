package import Mesh
package import Reactor

/// What the prober saw. Called on the loop.
package protocol ProbeObserver: AnyObject {
    /// - Parameter detail: For the log; not to be made unless it is wanted.
    func probed(_ slot: Int, _ outcome: Outcome, detail: () -> String)
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

/// Probes each target on its own schedule and tells the observer what came of it.
///
/// A slot is a small number that stands for a target from `add` to `remove`. After `remove` no outcome of it comes any
/// more, not even of a probe that is under way, though the number may be given to another target.
package final class Prober {
    private struct Slot {
        /// Nil while the slot is free.
        var url: ParsedURL?
        var expected: [UInt8] = []
        var timeout = Duration.zero
        var generation: UInt32 = 0
    }

    /// Idle handles that are kept for the next probes.
    private static let idleLimit = 64
    /// Probes under way at once. Black holes hold theirs until the timeout: half of a mesh that is probed a hundred times a
    /// second, four seconds each, are 200. Beyond this the machine's descriptors are in danger.
    private static let activeLimit = 512

    package weak var observer: (any ProbeObserver)?

    private let loop: EventLoop
    private let transfers: Transfers
    private let mesh: String
    private let userAgent: String
    private var schedule: Schedule
    private var alarm: Alarm!
    private var slots: [Slot] = []
    private var idle: [HTTPProbe] = []
    private var active = 0

    /// - Parameter mesh: The mesh's name, which every answer must carry.
    /// - Parameter node: This node's name, from which its phases are derived.
    package init(mesh: String, node: String, userAgent: String, on loop: EventLoop, transfers: Transfers) {
        self.mesh = mesh
        self.userAgent = userAgent
        self.loop = loop
        self.transfers = transfers
        schedule = Schedule(seed: stableHash(node))
        alarm = loop.alarm { [unowned self] in startDue() }
    }

    deinit {
        loop.remove(alarm)
    }

    package func add(_ target: Target, interval: Duration, timeout: Duration) -> Int {
        let number = schedule.add(interval: interval, at: .now())
        while slots.count <= number { slots.append(Slot()) }
        slots[number].url = ParsedURL("http://\(target.address.urlHost):\(target.port)/")
        slots[number].expected = Identity.prefix(mesh: mesh, node: target.node)
        slots[number].timeout = timeout
        alarm.deadline = schedule.nextDue
        return number
    }

    package func remove(_ number: Int) {
        schedule.remove(number)
        slots[number].url = nil
        slots[number].generation &+= 1
        alarm.deadline = schedule.nextDue
    }

    private func startDue() {
        while let beat = schedule.next(at: loop.now) {
            observer?.started(late: beat.lag)
            if beat.missed > 0 { observer?.skipped(beat.missed, .late) }
            if active < Prober.activeLimit { start(beat.slot) } else { observer?.skipped(1, .budget) }
        }
        alarm.deadline = schedule.nextDue
    }

    private func start(_ number: Int) {
        let slot = slots[number]
        guard let url = slot.url else { preconditionFailure("slot \(number) is scheduled but free") }
        let probe = idle.popLast() ?? HTTPProbe(prober: self, userAgent: userAgent)
        probe.prepare(
            slot: number, generation: slot.generation, url: url, expected: slot.expected, timeout: slot.timeout)
        active += 1
        transfers.start(probe.transfer)
    }

    func finished(_ probe: HTTPProbe, _ failure: TransferFailure?) {
        active -= 1
        if slots[probe.slot].generation == probe.generation {
            observer?.probed(probe.slot, probe.outcome(failure)) { probe.detail(failure) }
        }
        if idle.count < Prober.idleLimit { idle.append(probe) }
    }
}
