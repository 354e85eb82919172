internal import Reactor

/// When the certificates that a server showed run out, in seconds since the epoch.
package struct CertificateDates: Equatable, Sendable {
    /// The server's own.
    package let leaf: Int64
    /// The first of all that it showed: with it the chain ends.
    package let earliest: Int64

    package init(leaf: Int64, earliest: Int64) {
        self.leaf = leaf
        self.earliest = earliest
    }

    /// Nil when the transfer has read none.
    init?(of transfer: Transfer) {
        let expiries = transfer.certificateExpiries
        guard let leaf = expiries.first, let earliest = expiries.min() else { return nil }
        self.init(leaf: leaf, earliest: earliest)
    }

    /// Between two readings of a target: a certificate is good for days at least.
    static let interval = Duration.seconds(600)
}
