internal import Reactor

/// A redirect that is followed: to the same host, which is at the same address.
///
/// Another host would have to be resolved within the probe, and would be told what only the first one may know.
struct Redirection {
    static let limit = 5

    /// Where to connect.
    let port: UInt16

    /// Nil when it is not to be followed: neither the same scheme and port nor from http to https.
    init?(from old: String, to new: String) {
        guard let old = URLParts(old), let new = URLParts(new), !new.hasCredentials, let port = new.port,
            old.host.lowercased() == new.host.lowercased()
        else { return nil }
        let isSame = old.scheme == new.scheme && old.port == new.port
        guard isSame || old.scheme == "http" && new.scheme == "https" else { return nil }
        self.port = port
    }

    /// How the next place is asked, without a body; nil: as this one was (RFC 9110, section 15.4).
    static func method(after status: Int, _ method: RequestSettings.Method) -> RequestSettings.Method? {
        switch status {
        case 301, 302: method == .post ? .get : nil
        case 303: method == .head ? nil : .get
        default: nil
        }
    }
}
