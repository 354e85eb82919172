/// The bytes of a message, read with bounds: whatever they are, reading gives a value or a fault.
struct DNSMessage {
    let bytes: UnsafeRawBufferPointer

    /// Bytes of the header (RFC 1035, section 4.1.1).
    static let headerLength = 12

    var count: Int { bytes.count }

    func number8(at offset: Int) throws(DNSFault) -> UInt8 {
        guard offset < bytes.count else { throw .endsEarly }
        return bytes[offset]
    }

    func number16(at offset: Int) throws(DNSFault) -> UInt16 {
        guard offset + 2 <= bytes.count else { throw .endsEarly }
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }

    func number32(at offset: Int) throws(DNSFault) -> UInt32 {
        try UInt32(number16(at: offset)) << 16 | UInt32(number16(at: offset + 2))
    }

    /// The bytes of a range that was found by reading this message.
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range])
    }
}

/// The header's second word (RFC 1035, section 4.1.1).
struct DNSFlags {
    let bits: UInt16

    var isResponse: Bool { bits & 0x8000 != 0 }
    /// 0 for a query and its answer.
    var opcode: UInt16 { bits >> 11 & 0x0f }
    var isTruncated: Bool { bits & 0x0200 != 0 }
    /// The low four bits of the rcode.
    var rcode: UInt16 { bits & 0x0f }
}
