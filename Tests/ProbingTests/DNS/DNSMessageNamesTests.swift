import Testing

@testable import Probing

struct DNSMessageNamesTests {
    /// RFC 1035, section 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
    private static let example: [UInt8] = {
        var message = [UInt8](repeating: 0xff, count: 93)
        for (offset, name) in [
            (20, "01 46 03 495349 04 41525041 00"), (40, "03 464f4f c014"), (64, "c01a"), (92, "00"),
        ] {
            message.replaceSubrange(offset..<offset + hex(name).count, with: hex(name))
        }
        return message
    }()

    @Test(arguments: [(20, 32, "F.ISI.ARPA."), (40, 46, "FOO.F.ISI.ARPA."), (64, 66, "ARPA."), (92, 93, ".")])
    func compressedNames(offset: Int, end: Int, text: String) throws {
        var name: [UInt8] = []
        let read = try Self.example.withUnsafeBytes { bytes in
            let message = DNSMessage(bytes: bytes)
            try message.appendName(at: offset, to: &name)
            return try message.endOfName(at: offset)
        }
        #expect(String(decoding: name, as: UTF8.self) == text)
        #expect(read == end)
    }

    @Test(arguments: [
        ("01 41 00", "01 61 00", true), ("01 5a 00", "01 7a 00", true), ("01 40 00", "01 60 00", false),
        ("01 5b 00", "01 7b 00", false), ("01 61 00", "01 61 01 61 00", false), ("01 61 01 61 00", "01 61 00", false),
        ("02 6161 00", "01 61 01 61 00", false), ("00", "00", true), ("00", "01 61 00", false),
        ("01 30 00", "01 10 00", false),
        ("01 c1 00", "01 e1 00", false),
    ])
    func equality(left: String, right: String, areEqual: Bool) throws {
        let names = [UInt8](repeating: 0, count: 12) + hex(left) + hex(right)
        let result = try names.withUnsafeBytes { names in
            try DNSMessage(bytes: names).areNamesEqual(at: 12, 12 + hex(left).count)
        }
        #expect(result == areEqual)
    }
}
