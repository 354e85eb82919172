/// One parameter of an SVCB or HTTPS record (RFC 9460, sections 7 and 8; IANA "Service Parameter Keys").
enum DNSServiceParameter {
    private static let mandatory: UInt16 = 0
    private static let alpn: UInt16 = 1
    private static let noDefaultALPN: UInt16 = 2
    private static let port: UInt16 = 3
    private static let ipv4Hint: UInt16 = 4
    private static let ipv6Hint: UInt16 = 6

    static func isWhole(key: UInt16, value: UnsafeRawBufferPointer) -> Bool {
        switch key {
        case mandatory: !value.isEmpty && value.count.isMultiple(of: 2)
        case alpn: protocols(value) != nil
        case noDefaultALPN: value.isEmpty
        case port: value.count == 2
        case ipv4Hint: !value.isEmpty && value.count.isMultiple(of: 4)
        case ipv6Hint: !value.isEmpty && value.count.isMultiple(of: 16)
        default: true
        }
    }

    /// Adds `key=value`. Keys without a form of their own here, such as `ech`, are shown as `key5="…"`, which is a form
    /// of every key (RFC 9460, section 2.1).
    ///
    /// - Parameter value: One that is whole.
    static func append(key: UInt16, value: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        switch key {
        case mandatory:
            text += "mandatory=".utf8
            text.append(list: value, size: 2) { $0 += name(of: UInt16($1[0]) << 8 | UInt16($1[1])).utf8 }
        case alpn:
            text += "alpn=".utf8
            list(protocols(value) ?? []).withUnsafeBytes { text.append(quoted: $0) }
        case noDefaultALPN: text += name(of: key).utf8
        case port:
            text += "port=".utf8
            text.append(number: UInt16(value[0]) << 8 | UInt16(value[1]))
        case ipv4Hint, ipv6Hint:
            text += "\(name(of: key))=".utf8
            text.append(list: value, size: key == ipv4Hint ? 4 : 16) { $0.append(address: $1) }
        default:
            text += "key\(key)".utf8
            if value.isEmpty { return }
            text.append(UInt8(ascii: "="))
            text.append(quoted: value)
        }
    }

    /// A list's own escapes for commas and backslashes; the character string's come on top (RFC 9460, appendix A.1).
    private static func list(_ values: [Slice<UnsafeRawBufferPointer>]) -> [UInt8] {
        var text: [UInt8] = []
        for value in values {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            for byte in value {
                if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
                text.append(byte)
            }
        }
        return text
    }

    private static func name(of key: UInt16) -> String {
        switch key {
        case mandatory: "mandatory"
        case alpn: "alpn"
        case noDefaultALPN: "no-default-alpn"
        case port: "port"
        case ipv4Hint: "ipv4hint"
        case 5: "ech"
        case ipv6Hint: "ipv6hint"
        default: "key\(key)"
        }
    }

    /// The protocols' names, each with its length in front (RFC 9460, section 7.1.1); nil when one is empty or cut, or
    /// when there is none.
    private static func protocols(_ value: UnsafeRawBufferPointer) -> [Slice<UnsafeRawBufferPointer>]? {
        var names: [Slice<UnsafeRawBufferPointer>] = []
        var position = 0
        while position < value.count {
            let end = position + 1 + Int(value[position])
            guard end > position + 1, end <= value.count else { return nil }
            names.append(value[position + 1..<end])
            position = end
        }
        return names.isEmpty ? nil : names
    }
}

extension [UInt8] {
    /// Adds elements of one size with commas between them.
    fileprivate mutating func append(
        list: UnsafeRawBufferPointer, size: Int, element: (inout [UInt8], UnsafeRawBufferPointer) -> Void
    ) {
        for start in stride(from: 0, to: list.count, by: size) {
            if start > 0 { append(UInt8(ascii: ",")) }
            element(&self, UnsafeRawBufferPointer(rebasing: list[start..<start + size]))
        }
    }
}
