/// A domain name, at most 255 bytes on the wire (RFC 1035, sections 2.3.4 and 3.1). Names that differ in the case of
/// their letters only are equal (RFC 4343).
package struct DNSName: Sendable {
    /// Labels of one length byte and up to 63 bytes each; the root's empty one at the end.
    let wire: [UInt8]

    /// The longest name on the wire, and the longest label (RFC 1035, section 2.3.4).
    static let maximumLength = 255
    static let maximumLabelLength = 63

    /// Reads a name as it is written in a configuration: with or without the dot at the end, `.` for the root. Every
    /// name is absolute: a search list is the caller's.
    ///
    /// Letters, digits, `-`, `_` (services: RFC 8552), `*` and `/` (RFC 2317) only. Others could stand in a name,
    /// escaped, but here they are a URL or a typing error. Not for international names: these are written in their
    /// `xn--` form.
    package init(_ text: String) throws(Invalid) {
        if text.isEmpty { throw Invalid(text, "it is empty; the root is written as a dot") }
        // Every byte of the text takes a byte on the wire, but for the one dot at the end.
        if text.utf8.count > DNSName.maximumLength { throw Invalid(text, "it is longer than 255 bytes on the wire") }
        var wire: [UInt8] = [0]
        if text != "." {
            // Where the label that is being read has its length byte.
            var start = 0
            var rest = text.utf8[...]
            if rest.last == UInt8(ascii: ".") { rest.removeLast() }
            for byte in rest {
                if byte == UInt8(ascii: ".") {
                    if wire[start] == 0 { throw Invalid(text, "it has an empty label") }
                    start = wire.count
                    wire.append(0)
                    continue
                }
                guard DNSName.isOrdinary(byte) else {
                    throw Invalid(text, "only letters, digits, '-', '_', '*', '/' and dots may stand in it")
                }
                if wire[start] == DNSName.maximumLabelLength { throw Invalid(text, "a label is longer than 63 bytes") }
                wire[start] += 1
                wire.append(byte)
            }
            if wire[start] == 0 { throw Invalid(text, "it has an empty label") }
            wire.append(0)
        }
        if wire.count > DNSName.maximumLength { throw Invalid(text, "it is longer than 255 bytes on the wire") }
        self.wire = wire
    }

    package struct Invalid: Error, Equatable, CustomStringConvertible {
        package let description: String

        init(_ text: String, _ problem: String) {
            description = "\"\(text)\" is not a domain name: \(problem)"
        }
    }

    private static func isOrdinary(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "*"),
            UInt8(ascii: "/"):
            true
        default: false
        }
    }
}

extension DNSName: Hashable {
    package static func == (left: DNSName, right: DNSName) -> Bool {
        // A length byte is below every letter, so that folding leaves it alone.
        left.wire.count == right.wire.count && zip(left.wire, right.wire).allSatisfy { $0.lowercased == $1.lowercased }
    }

    package func hash(into hasher: inout Hasher) {
        for byte in wire { hasher.combine(byte.lowercased) }
    }
}

extension DNSName: CustomStringConvertible {
    /// With the dot at the end, in the case it was written in.
    package var description: String {
        if wire.count == 1 { return "." }
        var text: [UInt8] = []
        var position = 0
        while wire[position] > 0 {
            let end = position + 1 + Int(wire[position])
            text += wire[position + 1..<end]
            text.append(UInt8(ascii: "."))
            position = end
        }
        return String(decoding: text, as: UTF8.self)
    }
}
