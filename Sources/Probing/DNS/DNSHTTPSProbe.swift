internal import Reactor

/// One question over HTTPS, posted (RFC 8484).
final class DNSHTTPSProbe: DNSTransferProbe {
    /// The longest message there is (RFC 8484, section 6).
    private static let bodyLimit = 65_535
    private static let mediaType = "application/dns-message"

    private var body: [UInt8] = []

    init(_ probes: DNSTransferProbes, trust: Trust, userAgent: String) {
        super.init(probes, trust: trust, isHTTPS: true)
        transfer.setHTTP2()
        transfer.setUserAgent(userAgent)
        transfer.setHeaders(["Accept: \(DNSHTTPSProbe.mediaType)", "Content-Type: \(DNSHTTPSProbe.mediaType)"])
    }

    override func prepare(_ attempt: Attempt, at aim: DNSAim, id: UInt16) {
        super.prepare(attempt, at: aim, id: 0)
        body.removeAll(keepingCapacity: true)
        transfer.setPost(query.message())
    }

    override func received(body part: UnsafeRawBufferPointer) -> Bool {
        if body.count + part.count > DNSHTTPSProbe.bodyLimit { return false }
        body.append(contentsOf: part)
        return true
    }

    override func finished(_ failure: TransferFailure?) {
        probes.finished(self, result(failure))
    }

    private func result(_ failure: TransferFailure?) -> DNSResult {
        if let failure { return .failure(failure) }
        if transfer.status == 0 { return .closed }
        if transfer.status != 200 { return .status(transfer.status) }
        let type = transfer.contentType
        guard type.map(DNSHTTPSProbe.isMessage) == true else { return .contentType(type) }
        return body.withUnsafeBytes { judge($0) }
    }

    /// The type has no parameters (RFC 8484, section 6); what follows a semicolon is passed over all the same. Its letters
    /// may be of either case (RFC 9110, section 8.3.1).
    private static func isMessage(_ type: String) -> Bool {
        let name = type.prefix { $0 != ";" && $0 != " " }
        return name.utf8.elementsEqual(mediaType.utf8) { $0.lowercased == $1 }
    }
}
