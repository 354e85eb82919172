internal import Documents
internal import Mesh
internal import Reactor

/// What an answer is worth. It never says what is in one: that may be secret, and goes to the log.
struct RequestAnswer {
    private let aim: RequestAim
    /// Why it is no success.
    private(set) var reason: Reason?
    private(set) var detail = "answered"

    init(to aim: RequestAim) {
        self.aim = aim
    }

    mutating func refuse(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    /// - Parameter isWhole: The head has come to its end; libcurl takes a connection that is closed within it for the end
    ///   of the answer.
    mutating func judge(_ failure: TransferFailure?, isWhole: Bool, isVersion2: Bool, status: Int, body: [UInt8]) {
        let expectation = aim.expectation
        if let failure {
            let isTooLong = failure.kind == .body
            return refuse(
                Reason(failure.kind),
                isTooLong ? "the body is longer than \(expectation.bodyLimit) bytes" : failure.description)
        }
        if !isWhole { return refuse(.reset, "the connection was closed within the answer's head") }
        if isVersion2 != aim.settings.isVersion2 {
            let detail = isVersion2 ? "an answer of HTTP/2, unasked" : "the server does not take HTTP/2"
            return refuse(.protocol, detail)
        }
        if !expectation.statuses.contains(where: { $0.contains(status) }) { return refuse(.status, "status \(status)") }
        if let pattern = aim.pattern, !pattern.matches(body) { return refuse(.body, "the body does not match") }
        guard let member = expectation.member else { return }
        do {
            guard let value = try member.path.scalar(in: body) else {
                return refuse(.body, "the body has no value at \(member.path.text)")
            }
            if !value.isSame(as: member.value) { refuse(.body, "the body has another value at \(member.path.text)") }
        } catch {
            refuse(.body, "the body is not JSON: \(error)")
        }
    }
}
