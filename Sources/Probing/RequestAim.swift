internal import Mesh
internal import Reactor

/// A configured target at one of its addresses: its settings, ready for use.
final class RequestAim {
    let settings: RequestSettings
    let expectation: Expectation
    let pattern: RegularExpression?
    /// Where to connect, IPv6 in brackets.
    let address: String
    let port: Int
    let transfers: Transfers
    private let body: WatchedFile?
    private let secret: WatchedFile?

    init(_ settings: RequestSettings, at target: Target, transfers: Transfers) {
        self.settings = settings
        expectation = settings.expectation
        pattern = expectation.pattern.isEmpty ? nil : RegularExpression(expectation.pattern)
        address = target.address.urlHost
        port = Int(target.port)
        self.transfers = transfers
        if case .file(let path) = settings.body {
            body = WatchedFile(path, limit: RequestSettings.bodyLimit)
        } else {
            body = nil
        }
        secret =
            switch settings.credentials {
            case .basic(_, let path), .bearer(let path): WatchedFile(path, limit: secretLimit)
            case nil: nil
            }
    }

    /// Why a request can't be made; it has nothing to do with the network.
    struct Incomplete: Error {
        let description: String
    }

    /// Gives a transfer everything but its time.
    func prepare(_ transfer: Transfer, at now: Instant) throws(Incomplete) {
        var headers = settings.headers
        switch settings.credentials {
        case .basic(let user, _): transfer.setBasicCredentials(user: user, password: try secretText(at: now))
        case .bearer: headers.append("Authorization: Bearer \(try secretText(at: now))")
        case nil: break
        }
        transfer.setHeaders(headers)
        transfer.setURL(settings.url)
        transfer.setConnection(to: address, port: port)
        transfer.setRequest(settings.method.rawValue, body: try sentBody(at: now))
        if settings.isVersion2 { transfer.setVersion2() }
        settings.trust.apply(to: transfer)
        if let certificate = settings.clientCertificate {
            transfer.setClientCertificate(file: certificate.file, keyFile: certificate.keyFile)
        }
    }

    private func sentBody(at now: Instant) throws(Incomplete) -> [UInt8]? {
        switch settings.body {
        case nil: return nil
        case .bytes(let bytes): return bytes
        case .file: return try read(body, at: now)
        }
    }

    /// What the file of the password or token holds, without the line break at its end.
    private func secretText(at now: Instant) throws(Incomplete) -> String {
        guard let text = secretLine(try read(secret, at: now)) else {
            throw Incomplete(description: "\(secret?.path ?? "") is not one line of text")
        }
        return text
    }

    private func read(_ file: WatchedFile?, at now: Instant) throws(Incomplete) -> [UInt8] {
        guard let file else { preconditionFailure("the settings name a file") }
        do {
            return try file.read(at: now)
        } catch {
            throw Incomplete(description: error.description)
        }
    }
}
