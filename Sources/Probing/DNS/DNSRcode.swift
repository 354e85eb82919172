/// What the server says came of the question: four bits of the header (RFC 1035, section 4.1.1), above them eight of
/// the OPT record (RFC 6891, section 6.1.3).
package struct DNSRcode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let noError = DNSRcode(rawValue: 0)
    package static let formatError = DNSRcode(rawValue: 1)
    package static let serverFailure = DNSRcode(rawValue: 2)
    package static let nameError = DNSRcode(rawValue: 3)
    package static let notImplemented = DNSRcode(rawValue: 4)
    package static let refused = DNSRcode(rawValue: 5)
    package static let badVersion = DNSRcode(rawValue: 16)

    /// Reads a name such as `NXDOMAIN` in any case, or a number up to 4095.
    package init?(_ text: String) {
        let upper = text.uppercased()
        if let known = DNSRcode.names.first(where: { $0.name == upper }) {
            rawValue = known.number
            return
        }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(text), number < 4096 else {
            return nil
        }
        rawValue = number
    }

    /// IANA "DNS RCODEs".
    private static let names: [(number: UInt16, name: String)] = [
        (0, "NOERROR"), (1, "FORMERR"), (2, "SERVFAIL"), (3, "NXDOMAIN"), (4, "NOTIMP"), (5, "REFUSED"),
        (6, "YXDOMAIN"), (7, "YXRRSET"), (8, "NXRRSET"), (9, "NOTAUTH"), (10, "NOTZONE"), (11, "DSOTYPENI"),
        (16, "BADVERS"), (17, "BADKEY"), (18, "BADTIME"), (19, "BADMODE"), (20, "BADNAME"), (21, "BADALG"),
        (22, "BADTRUNC"), (23, "BADCOOKIE"),
    ]
}

extension DNSRcode: CustomStringConvertible {
    /// The name, or `RCODE` and the number.
    package var description: String {
        name ?? "RCODE\(rawValue)"
    }

    /// Nil when it has none.
    package var name: String? { DNSRcode.names.first { $0.number == rawValue }?.name }
}
