/// What is asked for: the type of a record (RFC 1035, section 3.2.2; IANA "Resource Record (RR) TYPEs").
package struct DNSType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let a = DNSType(rawValue: 1)
    package static let ns = DNSType(rawValue: 2)
    package static let cname = DNSType(rawValue: 5)
    package static let soa = DNSType(rawValue: 6)
    package static let ptr = DNSType(rawValue: 12)
    package static let mx = DNSType(rawValue: 15)
    package static let txt = DNSType(rawValue: 16)
    /// RFC 3596.
    package static let aaaa = DNSType(rawValue: 28)
    /// RFC 2782.
    package static let srv = DNSType(rawValue: 33)
    /// RFC 6672. Never asked for here, but seen beside the alias that is made from it.
    static let dname = DNSType(rawValue: 39)
    /// EDNS (RFC 6891): not a record, but a part of the message.
    static let opt = DNSType(rawValue: 41)
    /// RFC 9460.
    package static let svcb = DNSType(rawValue: 64)
    package static let https = DNSType(rawValue: 65)
    /// Every type, or as much as the server likes to tell (RFC 8482).
    package static let any = DNSType(rawValue: 255)
    /// RFC 8659.
    package static let caa = DNSType(rawValue: 257)

    /// Reads a name such as `AAAA` in any case, `TYPE65` (RFC 3597, section 5) or a number.
    ///
    /// - Returns: Nil for anything else, and for what no question can be: 0, OPT, TKEY, TSIG, and the zone transfers,
    ///   whose answer is many messages.
    package init?(_ text: String) {
        let upper = text.uppercased()
        if let known = DNSType.names.first(where: { $0.name == upper }) {
            self = known.type
            return
        }
        let digits = upper.hasPrefix("TYPE") ? upper.dropFirst(4) : upper[...]
        // The integer's own reader takes signs.
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits) else { return nil }
        guard number != 0, number != DNSType.opt.rawValue, !(249...252).contains(number) else { return nil }
        rawValue = number
    }

    private static let names: [(name: String, type: DNSType)] = [
        ("A", .a), ("NS", .ns), ("CNAME", .cname), ("SOA", .soa), ("PTR", .ptr), ("MX", .mx), ("TXT", .txt),
        ("AAAA", .aaaa), ("SRV", .srv), ("DNAME", .dname), ("SVCB", .svcb), ("HTTPS", .https), ("ANY", .any),
        ("CAA", .caa),
    ]
}

extension DNSType: CustomStringConvertible {
    /// The name, or `TYPE` and the number.
    package var description: String {
        DNSType.names.first { $0.type == self }?.name ?? "TYPE\(rawValue)"
    }
}
