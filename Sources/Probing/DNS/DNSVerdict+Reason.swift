package import Mesh

extension DNSVerdict {
    /// The reason under which the verdict is counted when it ends a probe; nil when it is a success.
    ///
    /// What is not for us ends no probe over UDP. On a connection that carries one query only it does: there is nobody
    /// else whose answer it could be.
    package var reason: Reason? {
        switch self {
        case .notForUs, .malformed, .truncated: .protocol
        case .rcode: .rcode
        case .noAnswer: .noAnswer
        case .unexpected: .body
        case .good: nil
        }
    }
}
