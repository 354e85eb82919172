package import Mesh
package import Reactor

/// Probes each target on its own schedule and tells the observer what came of it.
///
/// A slot is a small number that stands for a target from `add` to `remove`. After `remove` no outcome of it comes any
/// more, not even of a probe that is under way, though the number may be given to another target.
package final class Prober {
    enum Aim {
        /// The slot is free.
        case nothing
        case http(HTTPAim)
        case tcp(Endpoint)
        case udp(UDPAim)
        case icmp(ICMPAim)
        case dns(DNSAim)
        case request(RequestAim)
        /// A URL that is none.
        case malformed(String)
    }

    struct Slot {
        var aim = Aim.nothing
        var interval = Duration.zero
        var timeout = Duration.zero
        var generation: UInt32 = 0
        /// When its certificates are to be read; never where there are none.
        var certificatesDue = Instant.never
        /// The peer has said last that it is shutting down.
        var isDraining = false
        var underWay = 0
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

    /// By their names, what the targets of the channel `dns` are asked; known before such a target is added.
    package var questions: [String: DNSQuestion] {
        get { dns.questions }
        set { dns.questions = newValue }
    }

    /// For the https targets of a channel; `system` for those that are not here.
    package var trust: [Channel: Trust] {
        get { http.trust }
        set { http.trust = newValue }
    }

    /// By their names, what the targets of the channel `url` are asked over HTTP; known before such a target is added.
    package var requestSettings: [String: RequestSettings] {
        get { requests.settings }
        set { requests.settings = newValue }
    }

    private let loop: EventLoop
    private(set) var http: HTTPProbes!
    private var tcp: TCPProbes!
    private(set) var udp: UDPProbes!
    private(set) var icmp: ICMPProbes!
    private(set) var dns: DNSProbes!
    private(set) var requests: RequestProbes!
    var schedule: Schedule
    private(set) var alarm: Alarm!
    var slots: [Slot] = []
    private(set) var active = 0
    private var isStopped = false

    /// - Parameters:
    ///   - mesh: The mesh's name, which every answer of a responder must carry.
    ///   - node: This node's name, from which its phases are derived.
    ///   - flows: What has arrived at this node's responder, for the reports in UDP probes.
    ///   - trust: For the https targets of a channel; `system` for those that are not here.
    package init(
        mesh: String, node: String, userAgent: String, flows: FlowTable = FlowTable(),
        trust: [Channel: Trust] = [:], on loop: EventLoop,
        transfers: Transfers
    ) {
        self.loop = loop
        schedule = Schedule(seed: stableHash(node))
        http = HTTPProbes(self, mesh: mesh, userAgent: userAgent, trust: trust, on: loop, transfers: transfers)
        tcp = TCPProbes(self, on: loop)
        udp = UDPProbes(self, mesh: mesh, node: node, flows: flows, on: loop)
        icmp = ICMPProbes(self, on: loop)
        dns = DNSProbes(self, userAgent: userAgent, on: loop)
        requests = RequestProbes(self, userAgent: userAgent, on: loop)
        alarm = loop.alarm { [unowned self] in startDue() }
    }

    deinit {
        loop.remove(alarm)
    }

    package func add(_ target: Target, interval: Duration, timeout: Duration) -> Int {
        let number = schedule.add(interval: interval, at: .now())
        while slots.count <= number { slots.append(Slot()) }
        slots[number].aim = aim(at: target, number, interval: interval, timeout: timeout)
        slots[number].interval = interval
        slots[number].timeout = timeout
        slots[number].certificatesDue = target.probe == .https ? .now() : .never
        slots[number].isDraining = false
        alarm.deadline = schedule.nextDue
        return number
    }

    package func remove(_ number: Int) {
        schedule.remove(number)
        if case .udp(let aim) = slots[number].aim { udp.remove(aim) }
        slots[number].aim = .nothing
        slots[number].generation &+= 1
        slots[number].underWay = 0
        alarm.deadline = schedule.nextDue
    }

    /// Starts no more probes, and tells no more outcomes: those that are under way are skipped.
    package func stop() {
        isStopped = true
        let underWay = slots.reduce(0) { $0 + $1.underWay }
        if underWay > 0 { observer?.skipped(underWay, .shutdown) }
        for number in slots.indices { slots[number].generation &+= 1 }
    }

    /// What this node says of itself in UDP probes from now on.
    package func say(_ state: PeerState) {
        udp.say(state)
    }

    /// Takes what another node's request has reported of this prober's UDP probes.
    package func received(_ report: Beat.Report, at arrival: Instant) {
        udp.received(report, in: .request, at: arrival)
    }

    func aim(at target: Target, _ number: Int, interval: Duration, timeout: Duration) -> Aim {
        if target.channel == .dns { return dns.aim(at: target).map { .dns($0) } ?? .malformed(target.url) }
        switch target.probe {
        case .http where target.channel == .url, .https where target.channel == .url:
            return .request(requests.aim(at: target) { http.transfers(trusting: $0) })
        case .http, .https: return http.aim(at: target).map { .http($0) } ?? .malformed(target.url)
        case .tcp: return .tcp(Endpoint(address: target.address.bytes, port: target.port))
        case .udp:
            let attempt = Attempt(slot: number, generation: slots[number].generation)
            return .udp(udp.aim(at: target, attempt, interval: interval, timeout: timeout))
        case .icmp: return .icmp(ICMPAim(target))
        case .tls: preconditionFailure("\(target.channel) is not probed over \(target.probe)")
        }
    }

    private func startDue() {
        if isStopped { return }
        while let beat = schedule.next(at: loop.now) {
            observer?.started(late: beat.lag)
            if beat.missed > 0 { observer?.skipped(beat.missed, .late) }
            if active < Prober.activeLimit { start(beat.slot) } else { observer?.skipped(1, .budget) }
        }
        alarm.deadline = schedule.nextDue
    }

    private func start(_ number: Int) {
        let slot = slots[number]
        let attempt = Attempt(slot: number, generation: slot.generation, startedAt: .now())
        let reads = slot.certificatesDue <= loop.now
        active += 1
        slots[number].underWay += 1
        switch slot.aim {
        case .http(let aim): http.start(attempt, at: aim, timeout: slot.timeout, readsCertificates: reads)
        case .request(let aim):
            requests.start(attempt, at: aim, timeout: slot.timeout, readsCertificates: reads)
        case .tcp(let endpoint): tcp.start(attempt, to: endpoint, timeout: slot.timeout)
        case .udp(let aim): udp.start(attempt, at: aim, timeout: slot.timeout)
        case .icmp(let aim): icmp.start(attempt, at: aim, timeout: slot.timeout)
        case .dns(let aim): dns.start(attempt, at: aim, timeout: slot.timeout)
        case .malformed(let url): finished(attempt, .failure(.resolve)) { "\(url) is not a URL" }
        case .nothing: preconditionFailure("slot \(number) is scheduled but free")
        }
    }

    func saw(_ dates: CertificateDates, _ attempt: Attempt) {
        guard slots[attempt.slot].generation == attempt.generation else { return }
        slots[attempt.slot].certificatesDue = loop.now + CertificateDates.interval
        observer?.saw(dates, of: attempt.slot)
    }

    func heard(_ attempt: Attempt, isDraining: Bool) {
        guard slots[attempt.slot].isDraining != isDraining, slots[attempt.slot].generation == attempt.generation
        else { return }
        slots[attempt.slot].isDraining = isDraining
        observer?.heard(attempt.slot, isDraining: isDraining)
    }

    func met(_ attempt: Attempt, stranger node: UInt64) {
        if slots[attempt.slot].generation == attempt.generation { observer?.met(attempt.slot, stranger: node) }
    }

    func noted(_ attempt: Attempt, _ note: DNSNote) {
        if slots[attempt.slot].generation == attempt.generation { observer?.noted(attempt.slot, note) }
    }

    /// - Parameters:
    ///   - retransmissions: Of a probe over TCP; they count if it does.
    ///   - phases: Of one over HTTP that succeeded.
    ///   - isTimedByKernel: Its latency goes to the answer's arrival, whenever the loop has looked.
    /// - Returns: Whether the outcome counts: not when it is this exporter's own lateness.
    @discardableResult
    func finished(
        _ attempt: Attempt, _ outcome: Outcome, _ retransmissions: Retransmissions = Retransmissions(),
        _ phases: Phases? = nil, isTimedByKernel: Bool = false, detail: () -> String
    ) -> Bool {
        active -= 1
        guard slots[attempt.slot].generation == attempt.generation else { return true }
        slots[attempt.slot].underWay -= 1
        if case .failure(let reason) = outcome {
            let away = loop.absences(since: attempt.startedAt)
            if Lateness.explains(reason, away, timeout: slots[attempt.slot].timeout) {
                observer?.skipped(1, .late)
                return false
            }
        }
        if !retransmissions.isEmpty { observer?.retransmitted(attempt.slot, retransmissions) }
        switch outcome {
        case .success(_, let backend) where !isTimedByKernel && loop.wasAway(since: attempt.startedAt):
            // The peer has answered. How fast, nobody knows.
            observer?.probed(attempt.slot, .success(latency: nil, backend: backend), detail: detail)
        case .success, .failure:
            if let phases { observer?.passed(attempt.slot, phases) }
            observer?.probed(attempt.slot, outcome, detail: detail)
        }
        return true
    }

    func lost(_ attempt: Attempt, _ losses: UDPFlow.Losses) {
        if slots[attempt.slot].generation == attempt.generation {
            observer?.lost(attempt.slot, requests: losses.requests, replies: losses.replies)
        }
    }

    func received(_ reply: UnexpectedReply, over probe: ProbeProtocol) {
        observer?.received(reply, over: probe)
    }
}

/// A probe of a slot. The generation tells one of a slot's former target from one of its present one.
struct Attempt {
    var slot = 0
    var generation: UInt32 = 0
    var startedAt = Instant.never
}
