import Testing

@testable import Probing

struct DNSNameTests {
    @Test(arguments: [
        ("example.com", "07 6578616d706c65 03 636f6d 00"), ("example.com.", "07 6578616d706c65 03 636f6d 00"),
        (".", "00"), ("a", "01 61 00"), ("_dns.Resolver.ARPA", "04 5f646e73 08 5265736f6c766572 04 41525041 00"),
        ("*.x-1", "01 2a 03 782d31 00"), ("0/25.2", "04 302f3235 01 32 00"),
    ])
    func wireForm(text: String, wire: String) throws {
        #expect(try DNSName(text).wire == hex(wire))
    }

    @Test(
        arguments: [
            ("", "it is empty; the root is written as a dot"), ("..", "it has an empty label"),
            (".com", "it has an empty label"), ("a..b", "it has an empty label"), ("a..", "it has an empty label"),
        ]
            + ["exa mple.com", "https://example.com", "é.com", "a\\.b", "a\u{0}b", "a:53", "10.0.0.1\n"].map {
                ($0, "only letters, digits, '-', '_', '*', '/' and dots may stand in it")
            })
    func notAName(text: String, problem: String) {
        let error = #expect(throws: DNSName.Invalid.self) { try DNSName(text) }
        #expect(error?.description == "\"\(text)\" is not a domain name: \(problem)")
    }

    @Test func labelsHaveUpTo63Bytes() throws {
        let label = String(repeating: "a", count: 63)
        #expect(try DNSName(label).wire.count == 65)
        #expect(throws: DNSName.Invalid.self) { try DNSName(label + "a") }
        #expect(throws: DNSName.Invalid.self) { try DNSName("x." + label + "a.y") }
    }

    /// 255 on the wire are 253 in the text, 254 with the dot at the end.
    @Test func namesHaveUpTo255Bytes() throws {
        let name = String(repeating: "a.", count: 126) + "b"
        #expect(name.utf8.count == 253)
        #expect(try DNSName(name).wire.count == 255)
        #expect(try DNSName(name + ".").wire.count == 255)
        #expect(throws: DNSName.Invalid.self) { try DNSName(name + "b") }
        #expect(throws: DNSName.Invalid.self) { try DNSName(name + "b.") }
        #expect(throws: DNSName.Invalid.self) { try DNSName(name + ".b") }
        #expect(throws: DNSName.Invalid.self) { try DNSName(String(repeating: "a.", count: 1 << 20)) }
    }

    @Test func caseDoesNotMatter() throws {
        let name = try DNSName("WwW.example.COM")
        #expect(try name == DNSName("www.EXAMPLE.com."))
        #expect(try Set([name, DNSName("www.example.com")]).count == 1)
        #expect(try name != DNSName("www.example.co"))
        #expect(try name != DNSName("www.exam_le.com"))
    }

    @Test func description() throws {
        #expect(try DNSName(".").description == ".")
        #expect(try DNSName("Example.com").description == "Example.com.")
    }
}
