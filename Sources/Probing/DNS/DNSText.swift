extension UInt8 {
    /// A letter of ASCII in lower case, and every other byte as it is (RFC 4343, section 3).
    var lowercased: UInt8 {
        UInt8(ascii: "A") <= self && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}

extension [UInt8] {
    /// Adds a label of a name, with `\.`, `\\`, and `\DDD` for what is not printable (RFC 1035, section 5.1).
    mutating func append(label: UnsafeRawBufferPointer) {
        for byte in label {
            append(byte, escaped: byte == UInt8(ascii: ".") || byte == UInt8(ascii: "\\"), space: false)
        }
    }

    /// Adds a character string in quotes, `"` and `\` escaped (RFC 1035, section 5.1).
    mutating func append(quoted string: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        for byte in string {
            append(byte, escaped: byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\"), space: true)
        }
        append(UInt8(ascii: "\""))
    }

    mutating func append(number: some FixedWidthInteger) {
        append(contentsOf: String(number).utf8)
    }

    mutating func append(hexadecimal bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
            }
        }
    }

    private mutating func append(_ byte: UInt8, escaped: Bool, space: Bool) {
        if escaped {
            append(UInt8(ascii: "\\"))
            append(byte)
        } else if byte > 0x20 && byte < 0x7f || byte == 0x20 && space {
            append(byte)
        } else {
            append(UInt8(ascii: "\\"))
            for divisor in [100, 10, 1] as [UInt8] { append(UInt8(ascii: "0") + byte / divisor % 10) }
        }
    }
}
