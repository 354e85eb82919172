internal import Reactor

/// GETs documents from the API server, one at a time, on a connection that is kept for the next one.
final class Fetch: TransferReceiver {
    struct Answer {
        let status: Int
        let body: [UInt8]
        let retryAfter: Duration
    }

    private let transfers: Transfers
    private var transfer: Transfer!
    private let base: String
    private let bodyLimit: Int
    private var body: [UInt8] = []
    private var done: ((Result<Answer, TransferFailure>) -> Void)?

    /// The last answer's size, head and body, as it came over the wire, also when it did not come through.
    var wireBytes: Int { transfer.receivedBytes }

    /// - Parameters:
    ///   - timeout: For each request, from its start to the answer's last byte.
    ///   - bodyLimit: Bytes, decompressed. A list of 10,000 dual-stack peers takes 5.4 MB.
    init(
        _ server: APIServer, userAgent: String, timeout: Duration, bodyLimit: Int = 64 << 20, transfers: Transfers
    ) {
        self.transfers = transfers
        self.bodyLimit = bodyLimit
        let renamed = server.serverName.flatMap { name in URLAuthority(server.url).map { (name, $0) } }
        base = renamed.map { "\($1.scheme)://\($0):\($1.port)\($1.path)" } ?? server.url
        transfer = Transfer(receiver: self)
        transfer.setUserAgent(userAgent)
        transfer.setTimeout(connect: min(.seconds(4), timeout), total: timeout)
        transfer.setCompressed()
        if let trust = server.trust { transfer.setTrust(trust) }
        if let (certificate, key) = server.clientCertificate {
            transfer.setClientCertificate(certificate, key: key)
        }
        if let (_, address) = renamed { transfer.setConnection(to: address.host, port: address.port) }
    }

    /// Ends the request that is under way, if any; its `done` is not called any more. A request under way keeps this
    /// object: whoever lets go of it calls this first.
    func cancel() {
        done = nil
        transfers.cancel(transfer)
    }

    /// - Parameter path: With its query.
    /// - Parameter done: Called on the loop, once, and not from within this call; not at all after `cancel`.
    func get(
        _ path: String, accept: String, authorization: String?,
        done: @escaping (Result<Answer, TransferFailure>) -> Void
    ) {
        precondition(self.done == nil, "one at a time")
        self.done = done
        body = []
        transfer.setURL(base + path)
        transfer.setHeaders(["Accept: \(accept)"] + (authorization.map { ["Authorization: \($0)"] } ?? []))
        transfers.start(transfer)
    }

    func received(header line: UnsafeRawBufferPointer) {}

    func received(body part: UnsafeRawBufferPointer) -> Bool {
        body.append(contentsOf: part)
        return body.count <= bodyLimit
    }

    func finished(_ failure: TransferFailure?) {
        let answer = Answer(status: transfer.status, body: body, retryAfter: transfer.retryAfter)
        body = []
        let done = self.done
        self.done = nil
        done?(failure.map { .failure($0) } ?? .success(answer))
    }
}

/// The parts of a server's URL such as `https://10.0.0.1:6443/prefix`.
struct URLAuthority: Equatable {
    let scheme: String
    /// An IPv6 address in its brackets.
    let host: String
    let port: Int
    let path: String

    init?(_ url: String) {
        let schemes = ["https": 443, "http": 80]
        guard let separator = url.firstRange(of: "://"), let standard = schemes[String(url[..<separator.lowerBound])]
        else { return nil }
        let rest = url[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        let colon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        guard let port = colon.map({ Int(authority[authority.index(after: $0)...]) }) ?? standard, 1...65535 ~= port
        else { return nil }
        let host = colon.map { authority[..<$0] } ?? authority
        if host.isEmpty { return nil }
        scheme = String(url[..<separator.lowerBound])
        self.host = String(host)
        self.port = port
        path = String(rest.dropFirst(authority.count))
    }
}
