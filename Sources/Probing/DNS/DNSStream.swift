/// Takes messages out of a stream, TCP's or TLS's: each has its length in two bytes in front (RFC 1035, section 4.2.2).
///
/// Memory grows with the bytes that came, not with the length they promise; 65,537 bytes at most.
package struct DNSStream: Sendable {
    private var buffer: [UInt8] = []

    package init() {}

    /// Takes bytes from the front of what was received until a message is whole; to be called until it returns nil,
    /// which leaves nothing of the portion.
    ///
    /// - Returns: The message without its length; an empty one is possible, and is an answer to nothing.
    package mutating func next(from portion: inout UnsafeRawBufferPointer) -> [UInt8]? {
        if !fill(to: 2, from: &portion) { return nil }
        let length = Int(buffer[0]) << 8 | Int(buffer[1])
        if !fill(to: 2 + length, from: &portion) { return nil }
        let message = Array(buffer[2...])
        buffer.removeAll(keepingCapacity: true)
        return message
    }

    /// A message has begun and is not whole: an end of the stream here cuts it.
    package var isWithinMessage: Bool { !buffer.isEmpty }

    private mutating func fill(to count: Int, from portion: inout UnsafeRawBufferPointer) -> Bool {
        let taken = min(max(count - buffer.count, 0), portion.count)
        buffer.append(contentsOf: portion.prefix(taken))
        portion = UnsafeRawBufferPointer(rebasing: portion.dropFirst(taken))
        return buffer.count >= count
    }
}
