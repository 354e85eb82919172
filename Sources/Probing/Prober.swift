package import Mesh
package import Reactor

/// Probes each target on its own schedule and tells the observer what came of it.
///
/// A slot is a small number that stands for a target from `add` to `remove`. After `remove` no outcome of it comes any
/// more, not even of a probe that is under way, though the number may be given to another target.
package final class Prober {
    private enum Aim {
        /// The slot is free.
        case nothing
        case http(HTTPAim)
        case tcp(Endpoint)
        case request(RequestAim)
        /// A URL that is none.
        case malformed(String)
    }

    private struct Slot {
        var aim = Aim.nothing
        var timeout = Duration.zero
        var generation: UInt32 = 0
        /// When its certificates are to be read; never where there are none.
        var certificatesDue = Instant.never
    }

    /// Probes under way at once, of all kinds. Black holes hold theirs until the timeout: half of a mesh that is probed a
    /// hundred times a second, four seconds each, are 200. Beyond this the machine's descriptors are in danger.
    private static let activeLimit = 512

    package weak var observer: (any ProbeObserver)?
    /// Who may answer where any peer may. Without any, such an answer is always the wrong peer's.
    package var backends: Backends {
        get { http.backends }
        set { http.backends = newValue }
    }

    private let loop: EventLoop
    private(set) var http: HTTPProbes!
    private var tcp: TCPProbes!
    private var requests: RequestProbes!
    private var schedule: Schedule
    private var alarm: Alarm!
    private var slots: [Slot] = []
    private(set) var active = 0

    /// - Parameters:
    ///   - mesh: The mesh's name, which every answer of a responder must carry.
    ///   - node: This node's name, from which its phases are derived.
    ///   - trust: For the https targets of a channel; `system` for those that are not here.
    package init(
        mesh: String, node: String, userAgent: String, trust: [Channel: Trust] = [:], on loop: EventLoop,
        transfers: Transfers
    ) {
        self.loop = loop
        schedule = Schedule(seed: stableHash(node))
        http = HTTPProbes(self, mesh: mesh, userAgent: userAgent, trust: trust, on: loop, transfers: transfers)
        tcp = TCPProbes(self, on: loop)
        requests = RequestProbes(self, userAgent: userAgent)
        alarm = loop.alarm { [unowned self] in startDue() }
    }

    deinit {
        loop.remove(alarm)
    }

    /// What the targets of this name on the channel `url` are asked over HTTP; before any of them is added.
    package func register(_ settings: RequestSettings, as name: String) {
        requests.register(settings, as: name)
    }

    package func add(_ target: Target, interval: Duration, timeout: Duration) -> Int {
        let number = schedule.add(interval: interval, at: .now())
        while slots.count <= number { slots.append(Slot()) }
        slots[number].aim = aim(at: target)
        slots[number].timeout = timeout
        slots[number].certificatesDue = target.probe == .https ? .now() : .never
        alarm.deadline = schedule.nextDue
        return number
    }

    package func remove(_ number: Int) {
        schedule.remove(number)
        slots[number].aim = .nothing
        slots[number].generation &+= 1
        alarm.deadline = schedule.nextDue
    }

    private func aim(at target: Target) -> Aim {
        switch target.probe {
        case .http where target.channel == .url, .https where target.channel == .url:
            .request(requests.aim(at: target) { http.transfers(trusting: $0) })
        case .http, .https: http.aim(at: target).map { .http($0) } ?? .malformed(target.url)
        case .tcp: .tcp(Endpoint(address: target.address.bytes, port: target.port))
        }
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
        let attempt = Attempt(slot: number, generation: slot.generation)
        let reads = slot.certificatesDue <= loop.now
        active += 1
        switch slot.aim {
        case .http(let aim): http.start(attempt, at: aim, timeout: slot.timeout, readsCertificates: reads)
        case .request(let aim):
            requests.start(attempt, at: aim, timeout: slot.timeout, readsCertificates: reads)
        case .tcp(let endpoint): tcp.start(attempt, to: endpoint, timeout: slot.timeout)
        case .malformed(let url): finished(attempt, .failure(.resolve)) { "\(url) is not a URL" }
        case .nothing: preconditionFailure("slot \(number) is scheduled but free")
        }
    }

    func saw(_ dates: CertificateDates, _ attempt: Attempt) {
        guard slots[attempt.slot].generation == attempt.generation else { return }
        slots[attempt.slot].certificatesDue = loop.now + CertificateDates.interval
        observer?.saw(dates, of: attempt.slot)
    }

    func finished(_ attempt: Attempt, _ outcome: Outcome, detail: () -> String) {
        active -= 1
        if slots[attempt.slot].generation == attempt.generation {
            observer?.probed(attempt.slot, outcome, detail: detail)
        }
    }
}

/// A probe of a slot. The generation tells one of a slot's former target from one of its present one.
struct Attempt {
    var slot = 0
    var generation: UInt32 = 0
}
