import Mesh
import Support
import Testing

@testable import Probing

struct EchoTests {
    private static let echo = Echo(identifier: 0x1234, sequence: 0xfffe, nonce: 0x0102_0304_0506_0708)

    private static func request(_ family: IPFamily, _ echo: Echo = echo) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xee, count: Echo.size)
        bytes.withUnsafeMutableBytes { echo.write(family, to: $0) }
        return bytes
    }

    /// What a kernel makes of a request.
    static func reply(
        to request: [UInt8], _ family: IPFamily, change: (inout [UInt8]) -> Void = { _ in }
    ) -> [UInt8] {
        var bytes = request
        bytes[0] = family == .ipv4 ? 0 : 129
        change(&bytes)
        if family == .ipv4, bytes.count >= 4, bytes.count % 2 == 0 {
            bytes[2...3] = [0, 0]
            let sum = bytes.withUnsafeBytes { Echo.checksum($0) }
            bytes[2...3] = [UInt8(sum >> 8), UInt8(sum & 0xff)]
        }
        return bytes
    }

    private static func read(_ bytes: [UInt8], _ family: IPFamily) -> Echo? {
        bytes.withUnsafeBytes { Echo(reply: $0, family) }
    }

    @Test func theBytesOfARequest() {
        let tail = (16..<64).map { UInt8($0) }
        #expect(Self.request(.ipv6) == [128, 0, 0, 0, 0x12, 0x34, 0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8] + tail)
        let request = Self.request(.ipv4)
        #expect(request[0] == 8)
        #expect(Array(request[4...]) == Array(Self.request(.ipv6)[4...]))
        // All of its 16-bit numbers add up to ones (RFC 1071), counted here in another way.
        var sum = 0
        for (offset, byte) in request.enumerated() { sum += offset % 2 == 0 ? Int(byte) * 256 : Int(byte) }
        #expect(sum % 0xffff == 0 && sum > 0)
    }

    /// The example of RFC 1071, section 3.
    @Test func checksum() {
        let bytes: [UInt8] = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]
        #expect(bytes.withUnsafeBytes { Echo.checksum($0) } == ~0xddf2)
    }

    @Test(arguments: IPFamily.allCases) func aReplyGivesEverythingBack(family: IPFamily) {
        #expect(Self.read(Self.reply(to: Self.request(family), family), family) == Self.echo)
    }

    @Test(arguments: IPFamily.allCases) func whatIsNoReply(family: IPFamily) {
        let request = Self.request(family)
        #expect(Self.read(request, family) == nil)
        #expect(Self.read(Self.reply(to: request, family), family == .ipv4 ? .ipv6 : .ipv4) == nil)
        let changes: [(inout [UInt8]) -> Void] = [
            { $0[0] = 3 }, { $0[1] = 1 }, { $0[63] = 0 }, { $0[16] ^= 1 }, { $0.removeLast(2) }, { $0 += [64, 65] },
            { $0 = Array($0.prefix(8)) }, { $0 = [] },
        ]
        for change in changes { #expect(Self.read(Self.reply(to: request, family, change: change), family) == nil) }
        var bytes = Self.reply(to: Self.request(.ipv4), .ipv4)
        bytes[3] ^= 1
        #expect(Self.read(bytes, .ipv4) == nil)
    }

    @Test(arguments: IPFamily.allCases) func anErrorMayQuoteTheHeaderAlone(family: IPFamily) {
        func quoted(_ count: Int) -> Echo? {
            Self.request(family).prefix(count).withUnsafeBytes { Echo(quoted: $0, family) }
        }
        for count in [16, 63, 64] { #expect(quoted(count) == Self.echo) }
        var header = Self.echo
        header.nonce = nil
        for count in [8, 15] { #expect(quoted(count) == header) }
        for count in [0, 1, 7] { #expect(quoted(count) == nil) }
        let reply = Self.reply(to: Self.request(family), family)
        #expect(reply.withUnsafeBytes { Echo(quoted: $0, family) } == nil)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func damagedRepliesAreNoAnswers(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var read = 0
        for _ in 0..<20_000 {
            let family = Bool.random(using: &generator) ? IPFamily.ipv4 : .ipv6
            let good = Self.reply(to: Self.request(family), family)
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
                case 1: bytes += (0..<Int.random(in: 1...9, using: &generator)).map { _ in 0 }
                default:
                    if let place = bytes.indices.randomElement(using: &generator) {
                        bytes[place] = UInt8.random(in: 0...255, using: &generator)
                    }
                }
            }
            _ = bytes.withUnsafeBytes { Echo(quoted: $0, family) }
            _ = bytes.withUnsafeBytes { Echo.identifier(of: $0) }
            guard let echo = Self.read(bytes, family) else { continue }
            read += 1
            // Without a checksum of the kernel's a damaged identifier, sequence number or nonce is read as it is: the
            // table does not know it.
            let isRight = bytes[..<2] == good[..<2] && bytes[16...] == good[16...]
            if !isRight || (echo == Self.echo) != (bytes[4...] == good[4...]) { Issue.record("\(bytes)") }
        }
        #expect(read > 0)
    }
}
