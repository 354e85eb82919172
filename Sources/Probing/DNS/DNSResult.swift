internal import Glibc
internal import Mesh
internal import Reactor

/// How a DNS probe ended.
enum DNSResult {
    case verdict(DNSVerdict)
    /// A system call failed.
    case error(errno: Int32)
    /// The connection was closed before the answer was whole.
    case closed
    case overdue
    /// Over TLS and HTTPS.
    case failure(TransferFailure)
    /// Over HTTPS: not 200.
    case status(Int)
    /// Over HTTPS: not `application/dns-message`.
    case contentType(String?)

    /// Nil when it is a success.
    var reason: Reason? {
        switch self {
        case .verdict(let verdict): verdict.reason
        case .error(let errno): Reason(TransferFailure.Kind(connectError: errno))
        case .closed: .reset
        case .overdue: .timeout
        case .failure(let failure): Reason(failure.kind)
        case .status: .status
        case .contentType: .protocol
        }
    }
}

extension DNSResult: CustomStringConvertible {
    /// For the log.
    var description: String {
        switch self {
        case .verdict(let verdict): verdict.description
        case .error(let errno): systemErrorText(errno)
        case .closed: "the connection was closed before the answer was whole"
        case .overdue: "no answer within the timeout"
        case .failure(let failure): failure.description
        case .status(let status): "status \(status)"
        case .contentType(let type):
            "the answer is of type \(type?.prefix(100) ?? "unknown"), not application/dns-message"
        }
    }
}
