import Testing

@testable import Reactor

/// Which sockets are opened where what is permitted, is tested in network namespaces: `ICMPProbeTests`.
struct EchoSocketTests {
    private static func message(_ packet: [UInt8]) -> [UInt8] { packet.withUnsafeBytes { Array(withoutIPHeader($0)) } }

    @Test(arguments: [0x45, 0x46, 0x4f] as [UInt8])
    func theHeaderIsAsLongAsItSays(first: UInt8) {
        let header = [first] + [UInt8](repeating: 0xff, count: Int(first & 15) * 4 - 1)
        #expect(Self.message(header + [1, 2, 3]) == [1, 2, 3])
        #expect(Self.message(header).isEmpty)
        #expect(Self.message(header.dropLast()).isEmpty)
    }

    /// A header of less than 20 bytes, another version, nothing.
    @Test(arguments: [0x44, 0x40, 0x65, 0x05] as [UInt8])
    func whatHasNoHeaderIsEmpty(first: UInt8) {
        #expect(Self.message([first] + [UInt8](repeating: 0, count: 99)).isEmpty)
        #expect(Self.message([]).isEmpty)
    }
}
