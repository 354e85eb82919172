import Testing

@testable import Probing

struct DNSTypeTests {
    @Test(
        arguments: [
            ("A", 1, "A"), ("aaaa", 28, "AAAA"), ("Cname", 5, "CNAME"), ("MX", 15, "MX"), ("NS", 2, "NS"),
            ("PTR", 12, "PTR"),
            ("SOA", 6, "SOA"), ("SRV", 33, "SRV"), ("TXT", 16, "TXT"), ("CAA", 257, "CAA"), ("HTTPS", 65, "HTTPS"),
            ("SVCB", 64, "SVCB"), ("ANY", 255, "ANY"), ("28", 28, "AAAA"), ("TYPE28", 28, "AAAA"),
            ("type13", 13, "TYPE13"),
            ("65535", 65535, "TYPE65535"),
        ] as [(String, UInt16, String)])
    func texts(text: String, number: UInt16, name: String) {
        let type = DNSType(text)
        #expect(type?.rawValue == number)
        #expect(type?.description == name)
    }

    @Test(arguments: [
        "", "TYPE", "B", "65536", "-1", "+1", "1 ", "0x1", "TYPE-1", "AA", "OPT", "0", "41", "TYPE41", "AXFR", "252",
    ])
    func noTypes(text: String) {
        #expect(DNSType(text) == nil)
    }
}

struct DNSRcodeTests {
    @Test(
        arguments: [
            ("NOERROR", 0, "NOERROR"), ("servfail", 2, "SERVFAIL"), ("NXDOMAIN", 3, "NXDOMAIN"), ("5", 5, "REFUSED"),
            ("BADVERS", 16, "BADVERS"), ("23", 23, "BADCOOKIE"), ("4095", 4095, "RCODE4095"), ("15", 15, "RCODE15"),
        ] as [(String, UInt16, String)])
    func texts(text: String, number: UInt16, name: String) {
        let rcode = DNSRcode(text)
        #expect(rcode?.rawValue == number)
        #expect(rcode?.description == name)
    }

    @Test(arguments: ["", "OK", "-1", "+3", "4096", "99999", "NXDOMAIN "])
    func noRcodes(text: String) {
        #expect(DNSRcode(text) == nil)
    }
}
