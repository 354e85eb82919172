internal import Mesh
internal import Reactor

/// The probes of configured targets over HTTP and HTTPS that are under way.
///
/// No handle is kept for the next one: to make one and to tell it everything takes 15 to 30 µs, these probes come twice a
/// minute, and one that is idle takes 14 to 18 KB.
final class RequestProbes {
    private unowned let prober: Prober
    private let userAgent: String
    /// By the targets' names.
    var settings: [String: RequestSettings] = [:]
    private var active: [RequestProbe] = []
    private let loop: EventLoop
    /// Set to the first deadline of those under way, which are few.
    private var alarm: Alarm!

    init(_ prober: Prober, userAgent: String, on loop: EventLoop) {
        self.prober = prober
        self.userAgent = userAgent
        self.loop = loop
        alarm = loop.alarm { [unowned self] in endOverdue() }
    }

    deinit {
        loop.remove(alarm)
        for probe in active { probe.aim.transfers.cancel(probe.transfer) }
    }

    /// - Parameter transfers: Those that share what they have read of the same certificates.
    func aim(at target: Target, transfers: (Trust) -> Transfers) -> RequestAim {
        guard let settings = settings[target.name] else {
            preconditionFailure("\(target.name) is a target and has no settings")
        }
        return RequestAim(settings, at: target, transfers: transfers(settings.trust))
    }

    func start(_ attempt: Attempt, at aim: RequestAim, timeout: Duration, readsCertificates: Bool) {
        do {
            let probe = try RequestProbe(self, attempt, at: aim, timeout: timeout, userAgent: userAgent)
            if readsCertificates { probe.transfer.setCertificateReading(true) }
            probe.index = active.count
            active.append(probe)
            setAlarm()
            aim.transfers.start(probe.transfer)
        } catch {
            prober.finished(attempt, .failure(.local)) { error.description }
        }
    }

    func finished(_ probe: RequestProbe, _ outcome: Outcome, detail: () -> String) {
        let last = active.removeLast()
        if last !== probe {
            active[probe.index] = last
            last.index = probe.index
        }
        setAlarm()
        if let dates = CertificateDates(of: probe.transfer) { prober.saw(dates, probe.attempt) }
        var phases: Phases?
        if case .success = outcome, !probe.isRedirected { phases = probe.transfer.phases }
        prober.finished(probe.attempt, outcome, probe.transfer.retransmissions, phases, detail: detail)
    }

    /// As for all probes over HTTP: libcurl closes a socket that is still connecting without a word, and what was sent
    /// again on it would not be counted.
    private func endOverdue() {
        for probe in active where probe.deadline <= loop.now {
            probe.aim.transfers.cancel(probe.transfer)
            probe.finished(.timeout)
        }
        setAlarm()
    }

    private func setAlarm() {
        alarm.deadline = active.lazy.map(\.deadline).min() ?? .never
    }
}
