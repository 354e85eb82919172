import Testing

@testable import heartmesh

@Suite struct DNSServerPlaceTests {
    @Test(
        arguments: [
            ("192.0.2.53", "192.0.2.53", nil, nil), ("192.0.2.53:5353", "192.0.2.53", 5353, nil),
            ("2001:db8::53", "2001:db8::53", nil, nil), ("[2001:db8::53]", "2001:db8::53", nil, nil),
            ("[2001:db8::53]:53", "2001:db8::53", 53, nil), ("dns.example", "dns.example", nil, nil),
            ("dns.example:853", "dns.example", 853, nil), ("https://dns.example", "dns.example", nil, "/"),
            ("https://dns.example/dns-query", "dns.example", nil, "/dns-query"),
            ("https://[2001:db8::53]:8443/a?b=c", "2001:db8::53", 8443, "/a?b=c"),
            ("https://192.0.2.53?b", "192.0.2.53", nil, "/?b"),
        ] as [(String, String, UInt16?, String?)])
    func isRead(text: String, host: String, port: UInt16?, path: String?) throws {
        let place = try DNSServerPlace(text)
        #expect(place.host == host && place.port == port && place.path == path)
        #expect((place.address == nil) == (host == "dns.example"))
    }

    @Test(arguments: [
        ("", "its host is neither an address nor the name of a host"),
        ("256.0.0.1", "its host is neither an address nor the name of a host"),
        ("a b", "its host is neither an address nor the name of a host"),
        ("*.example", "its host is neither an address nor the name of a host"),
        (":53", "its host is neither an address nor the name of a host"),
        ("dns.example:", "its port is not a number from 1 to 65535"),
        ("192.0.2.53:0", "its port is not a number from 1 to 65535"),
        ("192.0.2.53:+1", "its port is not a number from 1 to 65535"),
        ("192.0.2.53:65536", "its port is not a number from 1 to 65535"),
        ("2001:db8::53::1", "an IPv6 address with a port is written in brackets"),
        ("[192.0.2.53]:53", "brackets are for IPv6 addresses"),
        ("[2001:db8::53]53", "something else follows the bracket"),
        ("tls://dns.example", "a URL of another kind than https://"),
        ("https://dns.example/a b", "its path has a character that has no place there"),
        ("https://dns.example/#a", "its path has a character that has no place there"),
    ])
    func isRefused(text: String, problem: String) {
        let error = #expect(throws: DNSServerPlace.Invalid.self) { try DNSServerPlace(text) }
        #expect(
            error?.description == "\"\(text)\" is not a DNS server such as 192.0.2.53 or [2001:db8::53]:53: \(problem)")
    }

    /// Nor is what it would show told.
    @Test(arguments: ["https://me:secret@dns.example/ ", "tls://me:secret@dns.example", "me:secret@dns.example"])
    func aPasswordIsRefused(text: String) {
        let error = #expect(throws: DNSServerPlace.Invalid.self) { try DNSServerPlace(text) }
        #expect(error?.description.contains("has no user") == true)
        #expect(error?.description.contains("secret") == false)
    }
}
