/// One connection to the recorded API server, on a thread of its own: requests in, answers or failures out.
struct APIConversation {
    let connection: Connection
    let state: Locked<APIState>

    /// The API server compresses only what is longer than this, in bytes (`defaultGzipThresholdBytes`).
    static let compressionThreshold = 128 << 10

    func run() {
        guard let number = state.with({ $0.accept() }) else { return connection.reset() }
        var parser = HTTPRequestParser()
        do {
            while true {
                let bytes = try connection.read()
                if bytes.isEmpty { return }
                parser.append(bytes)
                while let request = try parser.next() {
                    let decision = state.with { $0.receive(request, on: number) }
                    guard try perform(decision, for: request), request.keepsConnection else { return }
                }
            }
        } catch {
            // The client went away, or does not speak HTTP: nothing more to say to it.
        }
    }

    /// - Returns: Whether the connection goes on.
    private func perform(_ decision: APIState.Decision, for request: HTTPRequest) throws -> Bool {
        var answer = decision.answer
        if decision.failure == .invalidJSON {
            // No JSON document that starts with a brace ends with a bracket.
            answer.body = answer.body.prefix(answer.body.count / 2) + Array("}]".utf8)
            answer.frame()
        }
        try compress(&answer, for: request)
        let head = answer.head
        let body = answer.framedBody
        let half = body.prefix(body.count / 2)
        switch decision.failure {
        case .reset:
            connection.reset()
            return false
        case .hang:
            while try !connection.read().isEmpty {}
            return false
        case .resetInBody:
            note(decision, answer, head.count + half.count)
            try connection.write((head + half)[...])
            connection.reset()
            return false
        case .halfBody:
            note(decision, answer, head.count + half.count)
            try connection.write((head + half)[...])
            connection.finish()
            return false
        case .drip(let bytes, let every):
            note(decision, answer, head.count + body.count)
            try connection.write(head[...])
            var rest = body[...]
            while !rest.isEmpty {
                guard connection.pause(every) else { return false }
                try connection.write(rest.prefix(bytes))
                rest = rest.dropFirst(bytes)
            }
        default:
            note(decision, answer, head.count + body.count)
            try connection.write((head + body)[...])
        }
        if !request.keepsConnection { connection.finish() }
        return true
    }

    private func note(_ decision: APIState.Decision, _ answer: Answer, _ sentBytes: Int) {
        state.with {
            // Gone when the test has forgotten the exchanges in between.
            guard $0.exchanges.indices.contains(decision.exchange) else { return }
            $0.exchanges[decision.exchange].status = answer.status
            $0.exchanges[decision.exchange].sentBytes = sentBytes
            $0.exchanges[decision.exchange].isCompressed = answer.headers["Content-Encoding"] != nil
        }
    }

    private func compress(_ answer: inout Answer, for request: HTTPRequest) throws {
        guard answer.body.count > APIConversation.compressionThreshold, answer.headers["Content-Encoding"] == nil,
            request.headers["Accept-Encoding"]?.contains("gzip") ?? false
        else { return }
        answer.body = try Gzip.compress(answer.body)
        answer.headers.replace("Content-Encoding", "gzip")
        answer.headers.replace("Vary", "Accept-Encoding")
        // Never `Content-Length`: the size is not known when the headers go out.
        answer.headers.remove("Content-Length")
        if !answer.isChunked { answer.headers.append("Transfer-Encoding", "chunked") }
    }
}
