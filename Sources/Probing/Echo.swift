internal import Mesh

/// An echo request of a probe, or the reply to it: 64 bytes, numbers big-endian (RFC 792; RFC 4443, section 4).
///
/// | offset | bytes | |
/// |---|---|---|
/// | 0 | 2 | type and code |
/// | 2 | 2 | checksum |
/// | 4 | 2 | identifier of the socket |
/// | 6 | 2 | sequence number |
/// | 8 | 8 | nonce of the request |
/// | 16 | 48 | each byte is its own offset, as ping(8) has it |
struct Echo: Equatable {
    static let headerSize = 8
    static let size = 64
    private static let nonceEnd = 16

    var identifier: UInt16
    var sequence: UInt16
    /// Nil: not known. A router quotes no more than the header (RFC 792).
    var nonce: UInt64?

    init(identifier: UInt16, sequence: UInt16, nonce: UInt64?) {
        self.identifier = identifier
        self.sequence = sequence
        self.nonce = nonce
    }

    /// Reads a reply; nil when it is none, or gives back something else than a whole request.
    init?(reply bytes: UnsafeRawBufferPointer, _ family: IPFamily) {
        guard bytes.count == Echo.size, bytes[0] == (family == .ipv4 ? 0 : 129), bytes[1] == 0 else { return nil }
        // Raw sockets bring what the kernel has not checked yet. That of IPv6, over the addresses too, it has.
        if family == .ipv4, Echo.checksum(bytes) != 0 { return nil }
        for offset in Echo.nonceEnd..<Echo.size where bytes[offset] != UInt8(offset) { return nil }
        self.init(header: bytes)
    }

    /// Reads the start of a request, which an error quotes.
    init?(quoted bytes: UnsafeRawBufferPointer, _ family: IPFamily) {
        guard bytes.count >= Echo.headerSize, bytes[0] == (family == .ipv4 ? 8 : 128), bytes[1] == 0 else {
            return nil
        }
        self.init(header: bytes)
    }

    private init(header bytes: UnsafeRawBufferPointer) {
        identifier = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
        sequence = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self))
        nonce =
            bytes.count >= Echo.nonceEnd
            ? UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) : nil
    }

    /// The identifier of whatever message of ICMP's; nil when it is too short for one.
    static func identifier(of bytes: UnsafeRawBufferPointer) -> UInt16? {
        bytes.count >= headerSize ? UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self)) : nil
    }

    /// Writes a request of 64 bytes. The kernel does the checksum of IPv6.
    func write(_ family: IPFamily, to bytes: UnsafeMutableRawBufferPointer) {
        bytes[0] = family == .ipv4 ? 8 : 128
        bytes[1] = 0
        bytes.storeBytes(of: 0, toByteOffset: 2, as: UInt16.self)
        bytes.storeBytes(of: identifier.bigEndian, toByteOffset: 4, as: UInt16.self)
        bytes.storeBytes(of: sequence.bigEndian, toByteOffset: 6, as: UInt16.self)
        bytes.storeBytes(of: (nonce ?? 0).bigEndian, toByteOffset: 8, as: UInt64.self)
        for offset in Echo.nonceEnd..<Echo.size { bytes[offset] = UInt8(offset) }
        if family == .ipv4 {
            let checksum = Echo.checksum(UnsafeRawBufferPointer(bytes))
            bytes.storeBytes(of: checksum.bigEndian, toByteOffset: 2, as: UInt16.self)
        }
    }

    /// RFC 1071's, of an even number of bytes; 0 when the right one is among them.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        var sum: UInt32 = 0
        for offset in stride(from: 0, to: bytes.count - 1, by: 2) {
            sum += UInt32(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
        }
        sum = sum >> 16 + sum & 0xffff
        return ~UInt16(truncatingIfNeeded: sum >> 16 + sum)
    }
}
