internal import Mesh
internal import Reactor

/// One attempt to reach a responder over HTTP on a fresh connection; used again for the next one.
final class HTTPProbe: TransferReceiver {
    /// Bytes of an answer that are read; more than a responder ever sends ends the probe.
    private static let bodyLimit = 64 << 10
    private static let statusLine = Array("HTTP/".utf8)

    private(set) var transfer: Transfer!
    private unowned let prober: Prober
    private(set) var slot = 0
    /// Tells an attempt on a slot's former target from one on its present one.
    private(set) var generation: UInt32 = 0
    private var expected: [UInt8] = []
    /// The answer's head has come to its end.
    private var hasHead = false
    private var isRightPeer = false
    private var bodyCount = 0
    /// Who answered, as far as it said so.
    private(set) var answeredAs: [UInt8] = []

    init(prober: Prober, userAgent: String) {
        self.prober = prober
        transfer = Transfer(receiver: self)
        transfer.setFreshConnection()
        transfer.setUserAgent(userAgent)
        transfer.setHeaders(["Accept:"])
        transfer.setReceiveBuffer(2048)
    }

    /// - Parameter expected: What the identity in the answer must start with.
    func prepare(slot: Int, generation: UInt32, url: ParsedURL, expected: [UInt8], timeout: Duration) {
        self.slot = slot
        self.generation = generation
        self.expected = expected
        hasHead = false
        isRightPeer = false
        bodyCount = 0
        if !answeredAs.isEmpty { answeredAs = [] }
        transfer.setURL(url)
        transfer.setTimeout(connect: timeout, total: timeout)
    }

    func received(header line: UnsafeRawBufferPointer) {
        if line.starts(with: HTTPProbe.statusLine) {
            // Of an answer after an interim one (RFC 9110, section 15.2), which speaks for nobody.
            hasHead = false
            isRightPeer = false
        }
        // What follows the head are trailers.
        if hasHead { return }
        hasHead = line.first == 0x0d || line.first == 0x0a
        guard let value = HTTPProbe.identity(in: line) else { return }
        isRightPeer = value.starts(with: expected)
        if !isRightPeer { answeredAs = Array(value.prefix(256)) }
    }

    func received(body part: UnsafeRawBufferPointer) -> Bool {
        bodyCount += part.count
        return bodyCount <= HTTPProbe.bodyLimit
    }

    func finished(_ failure: TransferFailure?) {
        prober.finished(self, failure)
    }

    /// What came of the attempt that is over.
    func outcome(_ failure: TransferFailure?) -> Outcome {
        if let failure { return .failure(Reason(failure.kind)) }
        // libcurl takes a connection that is closed within the head for the end of the answer.
        if !hasHead { return .failure(.reset) }
        if !(200...299).contains(transfer.status) { return .failure(.status) }
        return isRightPeer ? .success(latency: transfer.elapsed.nanoseconds) : .failure(.wrongPeer)
    }

    /// For the log.
    func detail(_ failure: TransferFailure?) -> String {
        if let failure { return failure.description }
        if !hasHead { return "the connection was closed within the answer's head" }
        if !(200...299).contains(transfer.status) { return "status \(transfer.status)" }
        return answeredAs.isEmpty
            ? "the answer is not from a responder" : "answered by " + String(decoding: answeredAs, as: UTF8.self)
    }

    /// The value of a header line `Heartmesh: …`, nil for every other line. Names of headers have no case.
    private static func identity(in line: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer>? {
        let name = Identity.lowercasedName
        guard line.count > name.count, line[name.count] == UInt8(ascii: ":") else { return nil }
        for index in 0..<name.count where line[index] | 0x20 != name[index] { return nil }
        var value = line[(name.count + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
        while let last = value.last, last <= 0x20 { value = value.dropLast() }
        return value
    }
}

extension Identity {
    fileprivate static let lowercasedName = Array(headerName.lowercased().utf8)
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
