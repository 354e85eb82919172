internal import Mesh
internal import Reactor

/// One attempt on a configured target, on a fresh connection and with a handle of its own: what one target is told, its
/// credentials before all, no handle can carry to another.
final class RequestProbe: TransferReceiver {
    let aim: RequestAim
    let attempt: Attempt
    private unowned let probes: RequestProbes
    private(set) var transfer: Transfer!
    /// Its place among the probes under way.
    var index = 0
    private let startedAt: Instant
    private let timeout: Duration
    private var head = AnswerHead(from: .server)
    private var body: [UInt8] = []
    private var bodyCount = 0
    private var answer: RequestAnswer
    private var redirects = 0
    private var latency = Duration.zero

    /// - Throws: Why the request can't be made.
    init(
        _ probes: RequestProbes, _ attempt: Attempt, at aim: RequestAim, timeout: Duration, userAgent: String
    ) throws(RequestAim.Incomplete) {
        self.probes = probes
        self.attempt = attempt
        self.aim = aim
        self.timeout = timeout
        startedAt = .now()
        answer = RequestAnswer(to: aim)
        transfer = Transfer(receiver: self)
        transfer.setFreshConnection()
        transfer.setUserAgent(userAgent)
        transfer.setReceiveBuffer(4096)
        transfer.countsRetransmissions = true
        transfer.setHeadLimit(RequestProbe.headLimit)
        try aim.prepare(transfer, at: startedAt)
    }

    /// Of the whole probe, redirects too.
    var deadline: Instant { startedAt + timeout }
    var isRedirected: Bool { redirects > 0 }

    /// Bytes of an answer's head, interim answers included; more is not of the protocol.
    private static let headLimit = 64 << 10

    func received(header line: UnsafeRawBufferPointer) {
        if AnswerHead.matters(line) { head.received(line) { _ in nil } }
    }

    func received(body part: UnsafeRawBufferPointer) -> Bool {
        bodyCount += part.count
        if bodyCount > aim.expectation.bodyLimit { return false }
        if aim.expectation.readsBody { body.append(contentsOf: part) }
        return true
    }

    func finished(_ failure: TransferFailure?) {
        latency += transfer.elapsed
        if failure == nil, head.isWhole, aim.settings.followsRedirects, let next = transfer.redirectURL {
            if follow(next) { return }
        } else {
            answer.judge(
                failure, isWhole: head.isWhole, isVersion2: transfer.isVersion2, status: transfer.status, body: body)
        }
        probes.finished(self, answer.reason.map { .failure($0) } ?? .success(latency: latency.nanoseconds)) {
            answer.detail
        }
    }

    /// - Returns: Whether the probe goes on.
    private func follow(_ next: String) -> Bool {
        let status = transfer.status
        guard let place = Redirection(from: aim.settings.url, to: next) else {
            answer.refuse(.status, "status \(status) to another host, or to a less secure one")
            return false
        }
        redirects += 1
        if redirects > Redirection.limit {
            answer.refuse(.status, "more than \(Redirection.limit) redirects")
            return false
        }
        head = AnswerHead(from: .server)
        body = []
        bodyCount = 0
        transfer.setURL(next)
        transfer.setConnection(to: aim.address, port: Int(place.port))
        if let method = Redirection.method(after: status, aim.settings.method) {
            transfer.setRequest(method.rawValue, body: nil)
        }
        aim.transfers.start(transfer)
        return true
    }
}
