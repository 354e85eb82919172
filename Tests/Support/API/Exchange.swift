/// A request that the server got, and what it did about it.
package struct Exchange: Sendable {
    package let request: HTTPRequest
    package let received: ContinuousClock.Instant
    /// Which of the server's connections it came on, counted from 1.
    package let connection: Int
    /// Nil when no status was sent.
    package internal(set) var status: Int?
    /// Bytes of the answer: status line, headers, framing, body. Set before the first byte goes out, so that a client
    /// which has read its answer finds it here; a client that went away has read less.
    package internal(set) var sentBytes = 0
    /// Whether the body went out compressed.
    package internal(set) var isCompressed = false

    init(request: HTTPRequest, received: ContinuousClock.Instant, connection: Int) {
        self.request = request
        self.received = received
        self.connection = connection
    }
}

/// Which requests a recording answers.
package struct Route: Sendable {
    package let method: String
    package let path: String
    package let query: @Sendable ([String: String]) -> Bool
    package let accept: @Sendable (String?) -> Bool

    /// - Parameters:
    ///   - query: Sees the decoded query.
    ///   - accept: Sees the `Accept` header.
    package init(
        method: String = "GET", path: String, query: @escaping @Sendable ([String: String]) -> Bool = { _ in true },
        accept: @escaping @Sendable (String?) -> Bool = { _ in true }
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.accept = accept
    }

    /// The request that was recorded: the same path and query, whatever the order, and the same form asked for.
    package init?(of recording: Recording) {
        guard let asked = recording.asked else { return nil }
        let request = HTTPRequest(method: asked.method, target: asked.target)
        let form = asked.accept.map(objectForm) ?? nil
        self.init(
            method: asked.method, path: request.path, query: { [query = request.query] in $0 == query },
            accept: { ($0.map(objectForm) ?? nil) == form })
    }

    func matches(_ request: HTTPRequest) -> Bool {
        request.method == method && request.path == path && query(request.query) && accept(request.headers["Accept"])
    }
}

/// `PartialObjectMetadataList` out of `application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`.
private func objectForm(_ accept: String) -> String? {
    let parameters = accept.split(separator: ",").first?.split(separator: ";") ?? []
    return parameters.first { $0.hasPrefix("as=") }.map { String($0.dropFirst("as=".count)) }
}
