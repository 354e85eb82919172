internal import Reactor

/// Why discovery failed; the label `reason` of `heartmesh_discovery_failures_total`. The set is closed.
package enum DiscoveryReason: String, CaseIterable, Sendable {
    // The API server was not reached, or its answer did not come through; `resolve` also for a name that a service has.
    case resolve, refused, timeout, reset, unreachable, tls, `protocol`, local
    /// The token or the certificate can't be read.
    case credentials
    /// 401
    case unauthorized
    /// 403
    case forbidden
    /// 404
    case notFound = "not_found"
    /// 410: a page's token is too old.
    case gone
    /// 429
    case throttled
    /// 5xx
    case serverError = "server_error"
    /// Any other status.
    case status
    /// The file can't be read.
    case unreadable
    /// The answer or the file is not what it should be.
    case invalid
    /// More than half of the peers are missing all of a sudden.
    case shrunk

    /// What can happen to a file, and what to a list of the API server's.
    package static let ofFiles: [DiscoveryReason] = [.unreadable, .invalid]
    package static let ofKubernetes = allCases.filter { $0 != .unreadable }
}

/// A discovery that failed; the last good topology stays.
package struct DiscoveryFailure: Error, CustomStringConvertible {
    package let reason: DiscoveryReason
    package let description: String
    /// How long the server asks to be left alone; zero when it does not say.
    package let retryAfter: Duration

    /// The server was not reached, or can't be asked: any other request would fail in the same way.
    var isUnreachable: Bool {
        switch reason {
        case .resolve, .refused, .timeout, .reset, .unreachable, .tls, .protocol, .local, .credentials: true
        default: false
        }
    }

    init(_ reason: DiscoveryReason, _ description: String, retryAfter: Duration = .zero) {
        self.reason = reason
        self.description = description
        self.retryAfter = retryAfter
    }

    init(_ failure: TransferFailure, of what: String) {
        let reason: DiscoveryReason =
            switch failure.kind {
            case .resolve: .resolve
            case .refused: .refused
            case .timeout: .timeout
            case .reset: .reset
            case .unreachable: .unreachable
            case .tls: .tls
            case .protocol: .protocol
            // An answer that was longer than it may be.
            case .body: .invalid
            case .permission, .local: .local
            }
        self.init(reason, "\(what): \(failure)")
    }

    /// - Parameter status: A status of an HTTP reply that is not a success.
    init(status: Int, of what: String, message: String, retryAfter: Duration) {
        let reason: DiscoveryReason =
            switch status {
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            case 410: .gone
            case 429: .throttled
            case 500...599: .serverError
            default: .status
            }
        self.init(reason, "\(what): status \(status): \(message)", retryAfter: retryAfter)
    }
}
