internal import Mesh
internal import Reactor

/// The DNS probes of all transports.
final class DNSProbes {
    /// By the targets' names.
    var questions: [String: DNSQuestion] = [:]

    private unowned let prober: Prober
    private(set) var sockets: DNSSocketProbes!
    private(set) var transfers: DNSTransferProbes!

    init(_ prober: Prober, userAgent: String, on loop: EventLoop) {
        self.prober = prober
        sockets = DNSSocketProbes(self, on: loop)
        transfers = DNSTransferProbes(self, userAgent: userAgent, on: loop)
    }

    /// - Returns: Nil when the target's host or path makes no URL.
    func aim(at target: Target) -> DNSAim? {
        guard let question = questions[target.name] else {
            preconditionFailure("nobody said what \(target.name) is asked")
        }
        return DNSAim(at: target, asking: question)
    }

    func start(_ attempt: Attempt, at aim: DNSAim, timeout: Duration) {
        switch aim.transport {
        case .tls, .https: transfers.start(attempt, at: aim, timeout: timeout)
        default: sockets.start(attempt, at: aim, timeout: timeout)
        }
    }

    /// - Parameter latency: In nanoseconds, to the last byte of the answer.
    func finished(
        _ attempt: Attempt, _ result: DNSResult, latency: Int64,
        _ retransmissions: Retransmissions = Retransmissions()
    ) {
        if case .verdict(.rcode(let rcode)) = result { prober.noted(attempt, .rcode(rcode)) }
        let outcome = result.reason.map { Outcome.failure($0) } ?? .success(latency: latency)
        prober.finished(attempt, outcome, retransmissions) { result.description }
    }

    func dropped(_ attempt: Attempt, _ stray: DNSVerdict.Stray) {
        prober.noted(attempt, .stray(stray))
    }
}
