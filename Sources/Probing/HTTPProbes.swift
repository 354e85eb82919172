internal import Mesh
internal import Reactor

/// The HTTP probes that are under way, and those that are kept for the next ones.
final class HTTPProbes {
    /// Probes of one kind, whose settings never change: those without encryption, or those that trust the same.
    private struct Pool {
        let trust: Trust?
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
    private var active: [HTTPProbe] = []

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
    }

    deinit {
        for probe in active { pools[probe.pool].transfers.cancel(probe.transfer) }
    }

    /// - Returns: Nil when the target's host or path makes no URL.
    func aim(at target: Target) -> HTTPAim? {
        guard let url = ParsedURL(target.url, at: target.host.isEmpty ? nil : target.place) else { return nil }
        let trust = target.probe == .https ? trust[target.channel] ?? .system : nil
        return HTTPAim(url: url, answerer: AnswerHead.Answerer(target.answerer, mesh: mesh), pool: pool(trust))
    }

    func start(_ attempt: Attempt, at aim: HTTPAim, timeout: Duration, readsCertificates: Bool) {
        let probe = take(aim.pool)
        probe.prepare(attempt, at: aim, timeout: timeout, readsCertificates: readsCertificates)
        probe.index = active.count
        active.append(probe)
        pools[aim.pool].transfers.start(probe.transfer)
    }

    func finished(_ probe: HTTPProbe, _ failure: TransferFailure?) {
        let last = active.removeLast()
        if last !== probe {
            active[probe.index] = last
            last.index = probe.index
        }
        if failure == nil, let dates = probe.certificateDates { prober.saw(dates, probe.attempt) }
        prober.finished(probe.attempt, probe.outcome(failure)) { probe.detail(failure) }
        keep(probe)
    }

    /// Those of the https probes that trust the same.
    func transfers(trusting trust: Trust) -> Transfers { pools[pool(trust)].transfers }

    private func pool(_ trust: Trust?) -> Int {
        if let pool = pools.firstIndex(where: { $0.trust == trust }) { return pool }
        pools.append(Pool(trust: trust, transfers: trust == nil ? transfers : Transfers(on: loop)))
        return pools.count - 1
    }

    private func take(_ pool: Int) -> HTTPProbe {
        guard let probe = pools[pool].idle.popLast() else {
            return HTTPProbe(self, pool: pool, trust: pools[pool].trust, userAgent: userAgent)
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
