internal import Documents
internal import Reactor

/// Asks the API server, one request at a time, and tells what failures mean.
final class APIClient {
    private let server: APIServer
    private let fetch: Fetch
    private unowned let observer: any DiscoveryObserver
    private var authorization: String?
    /// All that went over the wire so far, in both directions: what was received, and what the requests must have taken.
    private(set) var traffic = 0

    static let json = "application/json"
    static let metadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

    init(
        _ server: APIServer, userAgent: String, timeout: Duration, transfers: Transfers,
        observer: any DiscoveryObserver
    ) {
        self.server = server
        self.observer = observer
        fetch = Fetch(server, userAgent: userAgent, timeout: timeout, transfers: transfers)
    }

    /// Ends the request that is under way, if any. Whoever lets go of this object calls this first.
    func cancel() {
        fetch.cancel()
    }

    /// Reads the token again, before each look: the kubelet replaces it long before it expires.
    func authorize() throws(DiscoveryFailure) {
        authorization = try server.authorization()
    }

    /// Reads the token again because the server does not know it.
    ///
    /// - Returns: Whether it is another one: it was replaced while a look was under way.
    private func reauthorize() -> Bool {
        guard let new = try? server.authorization(), new != authorization else { return false }
        authorization = new
        return true
    }

    /// - Parameters:
    ///   - path: Asked for once more if the token is refused and another one has taken its place.
    ///   - resource: What the bytes are counted for.
    ///   - done: Called on the loop, once, and not from within this call; not at all after `cancel`.
    func get(
        _ path: String, of resource: DiscoveryResource, accept: String = json,
        done: @escaping (Result<Fetch.Answer, DiscoveryFailure>) -> Void
    ) {
        // The line, and the headers without those two.
        traffic += path.utf8.count + accept.utf8.count + (authorization?.utf8.count ?? 0) + 150
        fetch.get(path, accept: accept, authorization: authorization) { [unowned self] result in
            traffic += fetch.wireBytes
            observer.discoveryReceived(resource, bytes: fetch.wireBytes)
            // Once for each token: the one that was just read is not another one the next time.
            if case .success(let answer) = result, answer.status == 401, reauthorize() {
                return get(path, of: resource, accept: accept, done: done)
            }
            done(result.mapError { DiscoveryFailure($0, of: "GET \(server.url)\(path)") })
        }
    }
}

extension Fetch.Answer {
    /// The body of a good answer.
    ///
    /// - Parameter what: What was asked for, for a person to read.
    func good(_ what: String) throws(DiscoveryFailure) -> [UInt8] {
        if status == 200 { return body }
        throw DiscoveryFailure(status: status, of: what, message: statusMessage(body), retryAfter: retryAfter)
    }
}

/// What the API server says of an error: the message of its Status object, or else its plain text; the start of it, on
/// one line.
func statusMessage(_ body: [UInt8]) -> String {
    var message: String?
    var reader = JSONReader(body)
    try? reader.object { (reader, key) throws(JSONError) in
        if key == "message" { message = try reader.string() } else { try reader.skip() }
    }
    let text = message ?? String(decoding: body.prefix(1000), as: UTF8.self)
    return text.prefix(200).split(whereSeparator: \.isNewline).joined(separator: " ")
}
