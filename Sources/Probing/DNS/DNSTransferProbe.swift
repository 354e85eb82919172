internal import Reactor

/// One question over TLS or HTTPS, on a connection of its own, made and verified by libcurl; used again for the next one.
class DNSTransferProbe: TransferReceiver {
    let isHTTPS: Bool
    private(set) var transfer: Transfer!
    unowned let probes: DNSTransferProbes
    /// Its place among those under way.
    var number = 0
    private(set) var attempt = Attempt()
    private(set) var startedAt = Instant.never
    private(set) var aim: DNSAim!
    private(set) var query: DNSQuery!

    init(_ probes: DNSTransferProbes, trust: Trust, isHTTPS: Bool) {
        self.probes = probes
        self.isHTTPS = isHTTPS
        transfer = Transfer(receiver: self)
        transfer.setFreshConnection()
        transfer.setReceiveBuffer(2048)
        transfer.countsRetransmissions = true
        trust.apply(to: transfer)
    }

    /// - Parameter id: 0 over HTTPS, so that answers can be kept by caches (RFC 8484, section 4.1).
    func prepare(_ attempt: Attempt, at aim: DNSAim, id: UInt16) {
        self.attempt = attempt
        self.aim = aim
        query = aim.query
        query.id = id
        transfer.setURL(aim.url!)
        startedAt = .now()
    }

    func judge(_ message: UnsafeRawBufferPointer) -> DNSResult {
        .verdict(query.judge(message, expecting: aim.question.expectation, describing: 0))
    }

    /// Its transfer is about to be cancelled.
    func end(on loop: EventLoop) {}

    func received(header line: UnsafeRawBufferPointer) {}
    func received(body part: UnsafeRawBufferPointer) -> Bool { true }
    func finished(_ failure: TransferFailure?) { preconditionFailure("each kind has its own end") }
}
