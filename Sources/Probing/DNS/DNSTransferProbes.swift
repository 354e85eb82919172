internal import Mesh
internal import Reactor

/// The DNS probes over TLS and HTTPS that are under way, and those that are kept for the next ones.
final class DNSTransferProbes {
    private struct Pool {
        let trust: Trust
        let isHTTPS: Bool
        /// Of its own for each trust: libcurl shares between transfers what it has read of one file of certificates only.
        let transfers: Transfers
        var idle: [DNSTransferProbe] = []
    }

    /// Idle probes that are kept in each pool: each takes 14 to 18 KB, and there are few of these targets.
    private static let idleLimit = 4
    private static let bufferSize = 4096

    /// Shared by all probes, used within one call.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: DNSTransferProbes.bufferSize, alignment: 1)
    let loop: EventLoop

    private unowned let owner: DNSProbes
    private let userAgent: String
    private var alarm: Alarm!
    private var pools: [Pool] = []
    /// By their numbers; nil: the number is free.
    private var active: [DNSTransferProbe?] = []
    private var freeNumbers: [Int] = []
    private var deadlines = Deadlines()

    init(_ owner: DNSProbes, userAgent: String, on loop: EventLoop) {
        self.owner = owner
        self.userAgent = userAgent
        self.loop = loop
        alarm = loop.alarm { [unowned self] in endOverdue() }
    }

    deinit {
        loop.remove(alarm)
        for probe in active.compactMap(\.self) { end(probe) }
        buffer.deallocate()
    }

    func start(_ attempt: Attempt, at aim: DNSAim, timeout: Duration) {
        let pool = pool(aim.question.trust, isHTTPS: aim.transport == .https)
        let probe = pools[pool].idle.popLast() ?? makeProbe(pools[pool])
        probe.prepare(attempt, at: aim, id: .random(in: 0...UInt16.max))
        probe.number = freeNumbers.popLast() ?? active.count
        if probe.number == active.count { active.append(probe) } else { active[probe.number] = probe }
        deadlines.set(probe.number, to: probe.startedAt + timeout)
        pools[pool].transfers.start(probe.transfer)
        setAlarm()
    }

    /// The probe knows what came of it.
    func finished(_ probe: DNSTransferProbe, _ result: DNSResult) {
        // The loop may have handled others since it woke up.
        let latency = Instant.now() - probe.startedAt
        end(probe)
        setAlarm()
        owner.finished(probe.attempt, result, latency: latency.nanoseconds, probe.transfer.retransmissions)
        let pool = pool(of: probe)
        if pools[pool].idle.count < DNSTransferProbes.idleLimit { pools[pool].idle.append(probe) }
    }

    private func endOverdue() {
        while let (number, deadline) = deadlines.first, deadline <= loop.now { finished(active[number]!, .overdue) }
        setAlarm()
    }

    private func end(_ probe: DNSTransferProbe) {
        probe.end(on: loop)
        pools[pool(of: probe)].transfers.cancel(probe.transfer)
        deadlines.remove(probe.number)
        active[probe.number] = nil
        freeNumbers.append(probe.number)
    }

    private func pool(of probe: DNSTransferProbe) -> Int {
        pool(probe.aim.question.trust, isHTTPS: probe.isHTTPS)
    }

    private func pool(_ trust: Trust, isHTTPS: Bool) -> Int {
        if let pool = pools.firstIndex(where: { $0.isHTTPS == isHTTPS && $0.trust == trust }) { return pool }
        let shared = pools.first { $0.trust == trust }?.transfers
        pools.append(Pool(trust: trust, isHTTPS: isHTTPS, transfers: shared ?? Transfers(on: loop)))
        return pools.count - 1
    }

    private func makeProbe(_ pool: Pool) -> DNSTransferProbe {
        pool.isHTTPS
            ? DNSHTTPSProbe(self, trust: pool.trust, userAgent: userAgent) : DNSTLSProbe(self, trust: pool.trust)
    }

    private func setAlarm() {
        alarm.deadline = deadlines.first?.deadline ?? .never
    }
}
