internal import Mesh
internal import Reactor

/// Whether a probe failed because this exporter was away.
///
/// Two lies are to be avoided. An exporter without a CPU must not call its peers dead. And one that is a little late all the
/// time, as on each busy machine, must not sleep through a real fault.
enum Lateness {
    /// How often a probe waits for the loop, at most, twice over: to send a request, for TLS and for the parts of an
    /// answer about eight times, and each time for the turn under way and for its place in the next one.
    static let waits = 16

    /// - Parameter away: For how long the loop was away in the life of the probe.
    static func explains(_ reason: Reason, _ away: Absences.Sum, timeout: Duration) -> Bool {
        if away.isEmpty { return false }
        switch reason {
        case .timeout:
            // Absence alone makes no time-out: the loop looks at all sockets once more before a deadline counts. It takes
            // from a probe what this had to wait for its own next steps: no more than the time away, and no more than
            // all its waits. Unless that is half of the timeout, the peer has had the other half to itself, in which a
            // well one answers many times over, and has said nothing.
            return min(away.total, away.longest * waits) >= timeout / 2
        case .reset, .tls, .protocol, .status, .body:
            // A server gives up on whoever is silent for long, each in its own way and after its own time. Such failures
            // come within milliseconds otherwise: nearly all of them between two absences, where they count.
            return true
        case .resolve, .refused, .unreachable, .wrongPeer, .rcode, .noAnswer, .permission, .local:
            // This is said at once and by others, or by the kernel: it is as true when it is read late.
            return false
        }
    }
}
