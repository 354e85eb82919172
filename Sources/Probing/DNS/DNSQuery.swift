/// One question to a server, in class IN.
package struct DNSQuery: Equatable, Sendable {
    /// Unpredictable over UDP, and another one for each attempt (RFC 5452, section 9.2); 0 over HTTPS (RFC 8484,
    /// section 4.1).
    package var id: UInt16
    package let name: DNSName
    package let type: DNSType
    /// The server shall ask others where it does not know itself (the bit RD).
    package let recursionDesired: Bool
    /// Bytes that an answer over UDP may have; nil: no EDNS, hence 512.
    package let udpSize: UInt16?

    /// What fits an IPv6 packet of 1,280 bytes, which passes everywhere (DNS flag day 2020; RFC 9715 allows for up to
    /// 1,400).
    package static let recommendedUDPSize: UInt16 = 1232

    /// The class IN (RFC 1035, section 3.2.4).
    static let internet: UInt16 = 1

    package init(
        id: UInt16, name: DNSName, type: DNSType, recursionDesired: Bool = true,
        udpSize: UInt16? = DNSQuery.recommendedUDPSize
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.recursionDesired = recursionDesired
        self.udpSize = udpSize
    }

    /// The message as it goes out (RFC 1035, section 4.1); at most 282 bytes, 284 with its length.
    ///
    /// - Parameter isFramed: With its length in two bytes in front, for TCP and TLS (RFC 1035, section 4.2.2). To be
    ///   sent in one write: some servers wait in vain for the rest (RFC 7766, section 8).
    package func message(isFramed: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes, isFramed: isFramed)
        return bytes
    }

    /// Adds the message to a buffer that the caller uses again.
    package func append(to bytes: inout [UInt8], isFramed: Bool = false) {
        let count = 12 + name.wire.count + 4 + (udpSize == nil ? 0 : 11)
        bytes.reserveCapacity(bytes.count + count + 2)
        if isFramed { bytes.append(number: UInt16(count)) }
        bytes.append(number: id)
        bytes.append(number: (recursionDesired ? 0x0100 : 0) as UInt16)
        // One question, no answers, no authorities, and the OPT record.
        for count in [1, 0, 0, udpSize == nil ? 0 : 1] as [UInt16] { bytes.append(number: count) }
        bytes += name.wire
        bytes.append(number: type.rawValue)
        bytes.append(number: DNSQuery.internet)
        guard let udpSize else { return }
        // The root's name, OPT, the size, extended rcode, version and flags 0, no options (RFC 6891, section 6.1.2).
        bytes.append(0)
        bytes.append(number: DNSType.opt.rawValue)
        bytes.append(number: udpSize)
        for _ in 0..<6 { bytes.append(0) }
    }
}

extension [UInt8] {
    /// In the order of the network.
    fileprivate mutating func append(number: UInt16) {
        append(UInt8(number >> 8))
        append(UInt8(number & 0xff))
    }
}
