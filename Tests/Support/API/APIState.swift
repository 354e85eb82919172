/// What the recorded API server knows and has been told.
struct APIState: Sendable {
    /// The peer Service's EndpointSlices.
    var service: ServedList?
    /// Other lists, by their paths.
    var lists: [String: ServedList] = [:]
    /// The latest first.
    var routes: [(route: Route, answer: Answer)] = []
    var failures = FailurePlan()
    var requiredToken: String?
    var exchanges: [Exchange] = []
    private var connections = 0

    /// What to do about a request.
    struct Decision: Sendable {
        /// Of the request's entry in `exchanges`.
        let exchange: Int
        let answer: Answer
        let failure: Failure?
    }

    /// - Returns: The connection's number; nil when it is to be reset at once.
    mutating func accept() -> Int? {
        connections += 1
        return failures.takeResetOnAccept() ? nil : connections
    }

    mutating func receive(_ request: HTTPRequest, on connection: Int) -> Decision {
        exchanges.append(Exchange(request: request, received: .now, connection: connection))
        let failure = failures.take(for: request)
        let answer: Answer
        do {
            answer = try failure?.answer(to: request) ?? rightAnswer(to: request)
        } catch {
            // A test's mistake, such as a recording that is not there; there is no test to throw it at on this thread.
            let text = "the test's API server failed: \(error)\n"
            answer = Answer(
                statusLine: "HTTP/1.1 500 Internal Server Error", headers: ["Content-Length": "\(text.utf8.count)"],
                body: Array(text.utf8))
        }
        return Decision(exchange: exchanges.count - 1, answer: answer, failure: failure)
    }

    private mutating func rightAnswer(to request: HTTPRequest) throws -> Answer {
        if let requiredToken {
            // A request without credentials is not unauthorized but anonymous, and has no rights.
            guard let given = request.headers["Authorization"] else {
                return try Recording("3/errors/403-anonymous.json").answer
            }
            if given != "Bearer \(requiredToken)" { return try Recording("3/errors/401-bad-token.json").answer }
        }
        if let routed = routes.first(where: { $0.route.matches(request) }) { return routed.answer }
        if let answer = try service?.answer(request) { return answer }
        for path in lists.keys {
            if let answer = try lists[path]?.answer(request) { return answer }
        }
        return try Recording("3/errors/404-unknown-group.txt").answer
    }
}
