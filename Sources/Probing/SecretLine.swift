/// Bytes that the file of a password or token may have.
package let secretLimit = 16 << 10

/// What the file of a password or token holds, without the line break at its end; nil when that is not one line of text.
package func secretLine(_ bytes: [UInt8]) -> String? {
    var bytes = bytes[...]
    while let last = bytes.last, last == 0x0a || last == 0x0d { bytes = bytes.dropLast() }
    // A line break within would be the next header.
    guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
}
