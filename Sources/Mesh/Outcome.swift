/// What came of a probe.
package enum Outcome: Equatable, Sendable {
    /// The right peer answered in time.
    ///
    /// - latency: In nanoseconds, from the start of the connection to the last byte of the answer; nil: not known, as this
    ///   exporter was late to look.
    /// - backend: Where the one who answered is, on channels on which any peer may answer.
    case success(latency: Int64?, backend: Locality? = nil)
    case failure(Reason)
}

/// Why a probe failed; the label `reason`. The set is closed.
package enum Reason: String, CaseIterable, Sendable {
    /// The name has no address.
    case resolve
    /// Nothing listens there: the connection was refused.
    case refused
    /// No whole answer within the timeout.
    case timeout
    /// The connection was reset or closed before the answer was whole.
    case reset
    /// The network said that there is no way.
    case unreachable
    /// No secure connection, or a certificate that does not fit.
    case tls
    /// The answer is not of the protocol.
    case `protocol`
    /// The answer's status is not a success.
    case status
    /// The answer's body is not what was asked for.
    case body
    /// Somebody else answered: not a responder, another mesh's, or another node's.
    case wrongPeer = "wrong_peer"
    /// DNS: the server answered with an error.
    case rcode
    /// DNS: the answer is empty.
    case noAnswer = "no_answer"
    /// This process may not send it.
    case permission
    /// This machine lacks a port, a descriptor or memory for it: no word about the network.
    case local
}
