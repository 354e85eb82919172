internal import Mesh
internal import Reactor

/// The HTTP probes that are under way, and those that are kept for the next ones.
final class HTTPProbes {
    /// Probes of one kind, whose settings never change: those without encryption, or those that trust the same; and of
    /// these the ones that send as much.
    private struct Pool {
        let trust: Trust?
        let payloadSize: Int
        /// Of its own for each trust: libcurl shares between transfers what it has read of one file of certificates only.
        let transfers: Transfers
        var idle: [HTTPProbe] = []
    }

    /// Idle probes that are kept, of all kinds: each takes 14 to 18 KB.
    private static let idleLimit = 64

    /// Who may answer where any peer may.
    var backends = Backends()

    private unowned let prober: Prober
    private let mesh: String
    private let userAgent: String
    private let trust: [Channel: Trust]
    private let loop: EventLoop
    /// For those without encryption.
    private let transfers: Transfers
    private var pools: [Pool] = []
    private(set) var idleCount = 0
    /// By number, those under way; nil where the number is free.
    private var active: [HTTPProbe?] = []
    private var freeNumbers: [Int] = []
    /// The timeouts are not libcurl's, which closes a socket that is still connecting before anybody can ask the kernel how
    /// many SYNs it has sent.
    private var deadlines = Deadlines()
    private var alarm: Alarm!

    init(
        _ prober: Prober, mesh: String, userAgent: String, trust: [Channel: Trust], on loop: EventLoop,
        transfers: Transfers
    ) {
        self.prober = prober
        self.mesh = mesh
        self.userAgent = userAgent
        self.trust = trust
        self.loop = loop
        self.transfers = transfers
        alarm = loop.alarm { [unowned self] in endOverdue() }
    }

    deinit {
        loop.remove(alarm)
        for probe in active.compactMap(\.self) { pools[probe.pool].transfers.cancel(probe.transfer) }
    }

    /// - Returns: Nil when the target's host or path makes no URL.
    func aim(at target: Target) -> HTTPAim? {
        guard let url = ParsedURL(target.url, at: target.host.isEmpty ? nil : target.place) else { return nil }
        let trust = target.probe == .https ? trust[target.channel] ?? .system : nil
        return HTTPAim(
            url: url, answerer: AnswerHead.Answerer(target.answerer, mesh: mesh), payloadSize: target.payloadSize,
            pool: pool(trust, target.payloadSize))
    }

    func start(_ attempt: Attempt, at aim: HTTPAim, timeout: Duration, readsCertificates: Bool) {
        let probe = take(aim.pool)
        probe.prepare(attempt, at: aim, readsCertificates: readsCertificates)
        probe.number = freeNumbers.popLast() ?? active.count
        if probe.number == active.count { active.append(nil) }
        active[probe.number] = probe
        let deadline = Instant.now() + timeout
        deadlines.set(probe.number, to: deadline)
        if deadline < alarm.deadline { alarm.deadline = deadline }
        pools[aim.pool].transfers.start(probe.transfer)
    }

    private func endOverdue() {
        while let (number, deadline) = deadlines.first, deadline <= loop.now {
            let probe = active[number]!
            pools[probe.pool].transfers.cancel(probe.transfer)
            finished(probe, .timeout)
        }
        alarm.deadline = deadlines.first?.deadline ?? .never
    }

    /// The alarm stays as it is: the loop wakes up for nothing once in a while, and not for each probe.
    func finished(_ probe: HTTPProbe, _ failure: TransferFailure?) {
        active[probe.number] = nil
        freeNumbers.append(probe.number)
        deadlines.remove(probe.number)
        if failure == nil, let dates = probe.certificateDates { prober.saw(dates, probe.attempt) }
        let outcome = probe.outcome(failure)
        var phases: Phases?
        if case .success = outcome {
            phases = probe.transfer.phases
            if let isDraining = probe.isPeerDraining { prober.heard(probe.attempt, isDraining: isDraining) }
        } else if outcome == .failure(.wrongPeer), let node = probe.stranger {
            prober.met(probe.attempt, stranger: node)
        }
        prober.finished(probe.attempt, outcome, probe.transfer.retransmissions, phases) { probe.detail(failure) }
        keep(probe)
    }

    /// Those of the https probes that trust the same.
    func transfers(trusting trust: Trust) -> Transfers { pools[pool(trust, 0)].transfers }

    private func pool(_ trust: Trust?, _ payloadSize: Int) -> Int {
        if let pool = pools.firstIndex(where: { $0.trust == trust && $0.payloadSize == payloadSize }) { return pool }
        let transfers = pools.first { $0.trust == trust }?.transfers ?? (trust == nil ? transfers : Transfers(on: loop))
        pools.append(Pool(trust: trust, payloadSize: payloadSize, transfers: transfers))
        return pools.count - 1
    }

    private func take(_ pool: Int) -> HTTPProbe {
        guard let probe = pools[pool].idle.popLast() else {
            return HTTPProbe(
                self, pool: pool, trust: pools[pool].trust, payloadSize: pools[pool].payloadSize, userAgent: userAgent)
        }
        idleCount -= 1
        return probe
    }

    private func keep(_ probe: HTTPProbe) {
        if idleCount == HTTPProbes.idleLimit {
            // The kind with the most goes first: otherwise, after a burst of one kind, each probe of another would need a
            // handle of its own.
            let fullest = pools.indices.max { pools[$0].idle.count < pools[$1].idle.count }!
            pools[fullest].idle.removeLast()
            idleCount -= 1
        }
        pools[probe.pool].idle.append(probe)
        idleCount += 1
    }
}
