/// What the API server is told to do wrong.
package enum Failure: Equatable, Sendable {
    /// 401, as for a token that it does not know.
    case unauthorized
    /// 403, as for an account without the right.
    case forbidden
    /// 403 to a good token, as for a moment after a start, in indented JSON.
    case starting
    /// 410; for a page, with a token for an inconsistent rest of the list.
    case gone
    /// 429 in plain text. `Retry-After` is 1 as recorded, or as given.
    case tooManyRequests(retryAfter: Int? = nil)
    /// 500.
    case serverError
    /// 504, with `Retry-After: 1`. A real server takes 3 s for it.
    case gatewayTimeout
    /// Any recorded answer.
    case answer(Recording)
    /// A RST instead of an answer: right after the accept, or on a connection in use when the request has come.
    case reset
    /// A RST when half of the body is out.
    case resetInBody
    /// A FIN when half of the body is out.
    case halfBody
    /// The right status and framing, and a body that is no JSON: cut in the middle, its brackets closed wrongly.
    case invalidJSON
    /// No answer; the connection stands until the client ends it.
    case hang
    /// The right answer, so many bytes of its body at a time.
    case drip(bytes: Int, every: Duration)

    /// The answer that takes the place of the right one. Nil for failures that need the right one, or none.
    func answer(to request: HTTPRequest) throws -> Answer? {
        switch self {
        case .unauthorized: return try Recording("3/errors/401-bad-token.json").answer
        case .forbidden: return try Recording("3/errors/403-list-pods.json").answer
        case .starting: return try Recording("3/errors/starting-kill-1-403.json").answer
        case .gone: return try Answer.gone(request)
        case .tooManyRequests(let seconds):
            var answer = try Recording("3/errors/429-list.json").answer
            if let seconds { answer.headers.replace("Retry-After", "\(seconds)") }
            return answer
        case .serverError: return try Recording("3/errors/500-watch-resource-version.json").answer
        case .gatewayTimeout: return try Recording("3/errors/504-list-future-version.json").answer
        case .answer(let recording): return recording.answer
        case .reset, .resetInBody, .halfBody, .invalidJSON, .hang, .drip: return nil
        }
    }
}

/// Which requests fail, and how; in the order in which it was told.
struct FailurePlan: Sendable {
    private struct Order: Sendable {
        let failure: Failure
        /// Nil for all.
        var requestsLeft: Int?
        let matches: (@Sendable (HTTPRequest) -> Bool)?
    }

    private var orders: [Order] = []

    mutating func add(_ failure: Failure, next count: Int?, where matches: (@Sendable (HTTPRequest) -> Bool)?) {
        orders.append(Order(failure: failure, requestsLeft: count, matches: matches))
    }

    mutating func clear() {
        orders = []
    }

    /// The failure for this request, from the first order that it belongs to.
    mutating func take(for request: HTTPRequest) -> Failure? {
        take { $0.matches?(request) ?? true }
    }

    /// Whether a connection is to be reset before its first request: if the next request would be, whichever it is.
    mutating func takeResetOnAccept() -> Bool {
        guard let first = orders.first, first.failure == .reset, first.matches == nil else { return false }
        return take { _ in true } != nil
    }

    private mutating func take(_ isMeant: (Order) -> Bool) -> Failure? {
        guard let index = orders.firstIndex(where: isMeant) else { return nil }
        let failure = orders[index].failure
        if let left = orders[index].requestsLeft {
            if left <= 1 { orders.remove(at: index) } else { orders[index].requestsLeft = left - 1 }
        }
        return failure
    }
}
