/// An IPv4 or IPv6 address, without a zone index or a prefix length.
package struct IPAddress: Hashable, Sendable {
    /// The address' bytes as one number; an IPv4 address takes the low 32 bits.
    private let high: UInt64
    private let low: UInt64
    package let family: IPFamily

    private init(family: IPFamily, high: UInt64, low: UInt64) {
        self.family = family
        self.high = high
        self.low = low
    }

    /// Reads an address in dotted or colon form; nil when the text is anything else.
    ///
    /// RFC 4291, section 2.2; four decimal numbers without leading zeroes (some read those as octal) for IPv4.
    package init?(_ text: some StringProtocol) {
        if text.contains(":") {
            guard let groups = IPAddress.groups(text) else { return nil }
            let halves = [groups[..<4], groups[4...]].map { $0.reduce(0) { $0 << 16 | UInt64($1) } }
            self.init(family: .ipv6, high: halves[0], low: halves[1])
        } else {
            guard let number = IPAddress.dotted(text) else { return nil }
            self.init(family: .ipv4, high: 0, low: UInt64(number))
        }
    }

    /// The form for the host part of a URL: IPv6 in brackets (RFC 3986, section 3.2.2).
    package var urlHost: String {
        family == .ipv6 ? "[\(description)]" : description
    }

    private static func dotted(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard part.utf8.count <= 3, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part),
                part.utf8.count == 1 || !part.hasPrefix("0")
            else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    /// The eight groups of an IPv6 address.
    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        var halves = [[UInt16]]()
        let sides = text.split(separator: "::", omittingEmptySubsequences: false)
        guard sides.count <= 2 else { return nil }
        for (number, side) in sides.enumerated() {
            var groups: [UInt16] = []
            let parts = side.isEmpty ? [] : side.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                if part.contains(".") {
                    // An embedded IPv4 address, at the very end only.
                    guard number == sides.count - 1, index == parts.count - 1, let dotted = dotted(part) else {
                        return nil
                    }
                    groups.append(UInt16(dotted >> 16))
                    groups.append(UInt16(dotted & 0xffff))
                } else {
                    // The integer's own reader takes signs: `+1`, `-0`.
                    guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                        let group = UInt16(part, radix: 16)
                    else { return nil }
                    groups.append(group)
                }
            }
            halves.append(groups)
        }
        let count = halves.reduce(0) { $0 + $1.count }
        if halves.count == 1 { return count == 8 ? halves[0] : nil }
        guard count < 8 else { return nil }
        return halves[0] + [UInt16](repeating: 0, count: 8 - count) + halves[1]
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: lower case, the longest run of zero groups shortened (RFC 5952, section 4).
    package var description: String {
        if family == .ipv4 {
            return [24, 16, 8, 0].map { String(low >> UInt64($0) & 0xff) }.joined(separator: ".")
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? high : low) >> UInt64(48 - $0 % 4 * 16)) }
        var longest = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || groups[index] != 0 {
            if index - start > max(longest.count, 1) { longest = start..<index }
            start = index + 1
        }
        let hex = { (range: Range<Int>) in groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
        return longest.isEmpty ? hex(0..<8) : hex(0..<longest.lowerBound) + "::" + hex(longest.upperBound..<8)
    }
}

/// The label `ip_family`.
package enum IPFamily: String, CaseIterable, Sendable {
    case ipv4, ipv6
}
