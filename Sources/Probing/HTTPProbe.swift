internal import Mesh
internal import Reactor

/// What an HTTP probe asks for, and who must answer.
struct HTTPAim {
    let url: ParsedURL
    let answerer: AnswerHead.Answerer
    /// Bytes of a large payload, each way; 0: it is small.
    let payloadSize: Int
    /// Which of the pools its probes come from.
    let pool: Int
}

/// One attempt over HTTP or HTTPS on a fresh connection; used again for the next one.
final class HTTPProbe: TransferReceiver {
    /// Bytes of an answer that are read; more than a responder ever sends ends the probe.
    private static let bodyLimit = 64 << 10

    let pool: Int
    private(set) var transfer: Transfer!
    private unowned let probes: HTTPProbes
    private(set) var attempt = Attempt()
    /// Among the probes under way.
    var number = 0
    private var head = AnswerHead(from: .server)
    private var bodyCount = 0
    private var payloadSize = 0
    private var readsCertificates = false

    /// - Parameters:
    ///   - trust: For a probe over https; nil for one without.
    ///   - payloadSize: Bytes that it sends, if any.
    init(_ probes: HTTPProbes, pool: Int, trust: Trust?, payloadSize: Int, userAgent: String) {
        self.probes = probes
        self.pool = pool
        transfer = Transfer(receiver: self)
        transfer.setFreshConnection()
        transfer.setUserAgent(userAgent)
        transfer.setReceiveBuffer(2048)
        transfer.countsRetransmissions = true
        if payloadSize > 0 {
            transfer.setHeaders(["Accept:", "Content-Type: application/octet-stream"])
            transfer.setBody(Array(repeating: UInt8(ascii: "."), count: payloadSize))
        } else {
            transfer.setHeaders(["Accept:"])
        }
        trust?.apply(to: transfer)
    }

    func prepare(_ attempt: Attempt, at aim: HTTPAim, readsCertificates: Bool) {
        self.attempt = attempt
        head = AnswerHead(from: aim.answerer)
        bodyCount = 0
        payloadSize = aim.payloadSize
        transfer.setURL(aim.url)
        if readsCertificates != self.readsCertificates {
            self.readsCertificates = readsCertificates
            transfer.setCertificateReading(readsCertificates)
        }
    }

    func received(header line: UnsafeRawBufferPointer) {
        if AnswerHead.matters(line) { head.received(line) { probes.backends.locality(of: $0) } }
    }

    func received(body part: UnsafeRawBufferPointer) -> Bool {
        bodyCount += part.count
        return bodyCount <= HTTPProbe.bodyLimit
    }

    func finished(_ failure: TransferFailure?) {
        probes.finished(self, failure)
    }

    /// What came of the attempt that is over.
    func outcome(_ failure: TransferFailure?) -> Outcome {
        if let failure { return .failure(Reason(failure.kind)) }
        // libcurl takes a connection that is closed within the head for the end of the answer.
        if !head.isWhole { return .failure(.reset) }
        if !isExpected(transfer.status) { return .failure(.status) }
        if head.isFromServer { return .success(latency: transfer.elapsed.nanoseconds) }
        guard case .right(let locality) = head.respondent else { return .failure(.wrongPeer) }
        if !isWholePayload { return .failure(.body) }
        return .success(latency: transfer.elapsed.nanoseconds, backend: locality)
    }

    /// A large payload has come to the other end, and as many bytes have come back.
    private var isWholePayload: Bool {
        payloadSize == 0 || bodyCount == payloadSize && head.receivedBytes == payloadSize
    }

    /// Whether the peer says that it is shutting down, once it has answered as it had to; nil where any peer may answer.
    var isPeerDraining: Bool? { head.isFromOneNode ? head.isDraining : nil }

    /// `stableHash` of the name of the node of this mesh that answered and is not known.
    var stranger: UInt64? { head.stranger }

    /// Nil unless they were to be read.
    var certificateDates: CertificateDates? { readsCertificates ? CertificateDates(of: transfer) : nil }

    /// For the log.
    func detail(_ failure: TransferFailure?) -> String {
        if let failure { return failure.description }
        if !head.isWhole { return "the connection was closed within the answer's head" }
        if !isExpected(transfer.status) { return "status \(transfer.status)" }
        if case .right = head.respondent, !isWholePayload {
            let received = head.receivedBytes.map(String.init) ?? "an unknown number"
            return "of \(payloadSize) bytes each way \(received) arrived and \(bodyCount) came back"
        }
        let identity = String(decoding: head.identity, as: UTF8.self)
        return switch head.respondent {
        case .nobody: "the answer is not from a responder"
        case .right: "answered"
        case .otherMesh: "answered by another mesh: \(identity)"
        case .otherNode: "answered by \(identity)"
        case .unknownNode: "answered by a node that is not known: \(identity)"
        case .several: "the answer says twice who it is from: \(identity)"
        }
    }

    private func isExpected(_ status: Int) -> Bool {
        // A server that lets nobody in unasked has answered.
        (200...299).contains(status) || head.isFromServer && (status == 401 || status == 403)
    }
}

extension Reason {
    init(_ kind: TransferFailure.Kind) {
        switch kind {
        case .resolve: self = .resolve
        case .refused: self = .refused
        case .timeout: self = .timeout
        case .reset: self = .reset
        case .unreachable: self = .unreachable
        case .tls: self = .tls
        case .protocol: self = .protocol
        case .body: self = .body
        case .permission: self = .permission
        case .local: self = .local
        }
    }
}
