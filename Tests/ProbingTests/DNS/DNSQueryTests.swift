import Testing

@testable import Probing

struct DNSQueryTests {
    /// RFC 8484, section 4.1.1.
    @Test func withoutEDNS() throws {
        let query = DNSQuery(id: 0, name: try DNSName("www.example.com"), type: .a, udpSize: nil)
        #expect(
            query.message() == hex("0000 0100 0001 0000 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001"))
    }

    /// What knot answered to with `CapturedDNS.knotHTTPS`, but for the id.
    @Test func withEDNS() throws {
        let query = DNSQuery(id: 0xfffe, name: try DNSName("svc.example.test"), type: .https)
        let message = hex(
            """
            fffe 0100 0001 0000 0000 0001 03737663 076578616d706c65 0474657374 00 0041 0001
            00 0029 04d0 00000000 0000
            """)
        #expect(query.message() == message)
        #expect(query.message(isFramed: true) == [0, UInt8(message.count)] + message)
    }

    @Test func withoutRecursion() throws {
        let query = DNSQuery(
            id: 1, name: try DNSName("."), type: DNSType(rawValue: 0x1234), recursionDesired: false, udpSize: 4096)
        #expect(query.message() == hex("0001 0000 0001 0000 0000 0001 00 1234 0001 00 0029 1000 00000000 0000"))
    }

    @Test func theLongestHasItsLengthInFront() throws {
        let name = try DNSName(String(repeating: "a.", count: 126) + "b")
        let message = DNSQuery(id: 7, name: name, type: .txt).message(isFramed: true)
        #expect(message.count == 284)
        #expect(message.prefix(2) == [1, 26])
    }

    @Test func aBufferIsUsedAgain() throws {
        var query = DNSQuery(id: 1, name: try DNSName("a"), type: .a)
        var buffer = query.message()
        query.id = 2
        buffer.removeAll(keepingCapacity: true)
        query.append(to: &buffer)
        #expect(buffer == query.message())
        #expect(buffer.prefix(2) == [0, 2])
    }
}
