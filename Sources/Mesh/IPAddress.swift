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
        // Bytes, not characters: a list of 5,000 peers brings 10,000 addresses at once.
        let read = { (bytes: UnsafeBufferPointer<UInt8>) -> IPAddress? in
            var reader = AddressReader(bytes: bytes)
            if bytes.contains(UInt8(ascii: ":")) {
                guard let groups = reader.groups() else { return nil }
                return IPAddress(
                    family: .ipv6, high: UInt64(groups >> 64), low: UInt64(truncatingIfNeeded: groups))
            }
            guard let number = reader.dotted(), reader.isAtEnd else { return nil }
            return IPAddress(family: .ipv4, high: 0, low: UInt64(number))
        }
        let address =
            text.utf8.withContiguousStorageIfAvailable(read) ?? Array(text.utf8).withUnsafeBufferPointer(read)
        guard let address else { return nil }
        self = address
    }

    /// Four or sixteen, as they go over the wire.
    package var bytes: [UInt8] {
        let all = [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - $0 * 8)) } }
        return family == .ipv4 ? Array(all[12...]) : all
    }

    /// The form for the host part of a URL: IPv6 in brackets (RFC 3986, section 3.2.2).
    package var urlHost: String {
        family == .ipv6 ? "[\(description)]" : description
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

/// Reads the bytes of an address from the left.
private struct AddressReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Four decimal numbers.
    mutating func dotted() -> UInt32? {
        var number: UInt32 = 0
        for index in 0..<4 {
            if index > 0, !take(UInt8(ascii: ".")) { return nil }
            guard let byte = decimal() else { return nil }
            number = number << 8 | byte
        }
        return number
    }

    /// The eight groups of an IPv6 address as one number; to the end.
    mutating func groups() -> UInt128? {
        var value: UInt128 = 0
        var count = 0
        // What stands before the `::`.
        var front: (groups: UInt128, count: Int)?
        if bytes.starts(with: "::".utf8) {
            position = 2
            front = (0, 0)
        }
        while !isAtEnd {
            let start = position
            guard let group = hexadecimal() else { return nil }
            if !isAtEnd, bytes[position] == UInt8(ascii: ".") {
                // An embedded IPv4 address, at the very end only.
                position = start
                guard let dotted = dotted(), isAtEnd else { return nil }
                value = value << 32 | UInt128(dotted)
                count += 2
                break
            }
            value = value << 16 | group
            count += 1
            if isAtEnd { break }
            guard count < 8, take(UInt8(ascii: ":")) else { return nil }
            if take(UInt8(ascii: ":")) {
                guard front == nil else { return nil }
                front = (value, count)
                value = 0
            } else if isAtEnd {
                return nil
            }
        }
        guard let front else { return count == 8 ? value : nil }
        // The `::` stands for one group at least.
        return count < 8 ? front.groups << ((8 - front.count) * 16) | value : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard !isAtEnd, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Up to 255, without leading zeroes.
    private mutating func decimal() -> UInt32? {
        let start = position
        var value: UInt32 = 0
        while position - start < 3, !isAtEnd, let digit = digit(bytes[position]), digit < 10 {
            value = value * 10 + digit
            position += 1
        }
        let count = position - start
        return value <= 255 && (count == 1 || count > 1 && bytes[start] != UInt8(ascii: "0")) ? value : nil
    }

    /// One to four digits.
    private mutating func hexadecimal() -> UInt128? {
        let start = position
        var value: UInt32 = 0
        while position - start < 4, !isAtEnd, let digit = digit(bytes[position]) {
            value = value << 4 | digit
            position += 1
        }
        return position > start ? UInt128(value) : nil
    }

    private func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
