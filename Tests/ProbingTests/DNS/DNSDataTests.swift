import Testing

@testable import Probing

/// The text of records' data.
struct DNSDataTests {
    /// RFC 9460, appendix D.
    @Test(arguments: [
        ("0000 03666f6f 076578616d706c65 03636f6d 00", "0 foo.example.com."), ("0001 00", "1 ."),
        ("0010 03666f6f 076578616d706c65 03636f6d 00 0003 0002 0035", "16 foo.example.com. port=53"),
        ("0001 03666f6f 076578616d706c65 03636f6d 00 029b 0005 68656c6c6f", "1 foo.example.com. key667=\"hello\""),
        (
            "0001 03666f6f 076578616d706c65 03636f6d 00 029b 0009 68656c6c6fd2716f6f",
            "1 foo.example.com. key667=\"hello\\210qoo\""
        ),
        (
            """
            0001 03666f6f 076578616d706c65 03636f6d 00 0006 0020
            20010db8000000000000000000000001 20010db8000000000000000000530001
            """, "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1"
        ),
        (
            """
            0010 03666f6f 076578616d706c65 036f7267 00 0000 0004 0001 0004
            0001 0009 02 6832 05 68332d3139 0004 0004 c0000201
            """, "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1"
        ),
        (
            "0010 03666f6f 076578616d706c65 036f7267 00 0001 000c 08 665c6f6f2c626172 02 6832",
            "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\""
        ),
        ("0001 00 0002 0000", "1 . no-default-alpn"), ("0001 00 0005 0001 ff 000a 0000", "1 . key5=\"\\255\" key10"),
    ])
    func services(data: String, text: String) {
        #expect(self.text(.https, data) == text)
    }

    @Test(arguments: [
        "0001 00 0000 0000", "0001 00 0000 0003 000100", "0001 00 0001 0000", "0001 00 0001 0001 00",
        "0001 00 0001 0002 0261",
        "0001 00 0002 0001 00", "0001 00 0003 0001 35", "0001 00 0003 0003 000035", "0001 00 0004 0000",
        "0001 00 0004 0005 c000020101",
        "0001 00 0006 0000", "0001 00 0006 0004 c0000201", "0001 00 00", "0001 00 0003 00", "0001", "00",
    ])
    func damagedServices(data: String) {
        let count = String(hex(data).count, radix: 16)
        let verdict = DNSAnswer(
            .https, "c00c 0041 0001 00000000 \(String(repeating: "0", count: 4 - count.count))\(count)" + data
        ).verdict
        #expect(verdict == .malformed(.data(.https)))
    }

    @Test(
        arguments: [
            (.txt, "00", "\"\""), (.txt, "01 22 02 5c7f 00", "\"\\\"\" \"\\\\\\127\" \"\""),
            (.txt, "03 0a 1b 20", "\"\\010\\027 \""),
            (.ns, "05 00 2e 5c 20 ff 01 61 00", "\\000\\.\\\\\\032\\255.a."), (.ns, "00", "."),
            (.cname, "c018", "test."),
            (.mx, "ffff 00", "65535 ."), (.srv, "0000 0001 ffff c018", "0 1 65535 test."),
            (.caa, "80 03 746273 556e6b6e6f776e", "128 tbs \"Unknown\""),
            (.caa, "00 00", "0  \"\""), (.aaaa, "00000000000000000000ffffc0000201", "::ffff:c000:201"),
            (.soa, "00 00 ffffffff 00000000 00000001 00000002 00000003", ". . 4294967295 0 1 2 3"),
            (DNSType(rawValue: 999), "", "\\# 0"), (DNSType(rawValue: 999), "00ff", "\\# 2 00ff"),
        ] as [(DNSType, String, String)])
    func texts(type: DNSType, data: String, text: String) {
        #expect(self.text(type, data) == text)
    }

    private func text(_ type: DNSType, _ data: String) -> String? {
        let length = [0, UInt8(hex(data).count)]
        var answer = DNSAnswer(type, "c00c 0000 0001 00000000")
        answer.bytes.replaceSubrange(36..<38, with: [UInt8(type.rawValue >> 8), UInt8(type.rawValue & 0xff)])
        answer.bytes += length + hex(data)
        return answer.verdict.texts?.first
    }
}
