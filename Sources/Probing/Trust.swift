internal import Reactor

/// Whose certificates are trusted over https. They are always verified.
package enum Trust: Equatable, Sendable {
    /// The system's authorities.
    case system
    /// A file of certificates in PEM form. Another one in its place is trusted within a minute.
    case file(String)
    /// Certificates in PEM form.
    case certificates([UInt8])

    func apply(to transfer: Transfer) {
        switch self {
        case .system: transfer.setTrust(file: nil, age: .seconds(3600))
        case .file(let path): transfer.setTrust(file: path, age: .seconds(60))
        case .certificates(let bytes): transfer.setTrust(bytes)
        }
    }
}
