import Reactor
import Testing

struct URLPartsTests {
    @Test func everyPart() throws {
        let url = try #require(URLParts("https://a.example:8443/b/../c?d=e#f"))
        #expect(url.scheme == "https" && url.host == "a.example" && url.port == 8443)
        #expect(url.path == "/c" && url.query == "d=e" && url.fragment == "f" && !url.hasCredentials)
    }

    @Test(arguments: [
        ("http://a.example", "a.example", 80, "/"), ("https://a.example/", "a.example", 443, "/"),
        ("https://[2001:db8::1]/x", "[2001:db8::1]", 443, "/x"), ("http://0x7f.1/", "127.0.0.1", 80, "/"),
        ("tcp://192.0.2.1:25", "192.0.2.1", 25, "/"),
    ])
    func itsDefaults(text: String, host: String, port: UInt16, path: String) throws {
        let url = try #require(URLParts(text))
        #expect(url.host == host && url.port == port && url.path == path && url.query == nil)
    }

    @Test(arguments: ["http://u@h/", "http://u:p@h/", "http://:p@h/"])
    func credentials(text: String) throws {
        #expect(try #require(URLParts(text)).hasCredentials)
    }

    @Test(arguments: [
        "", "h", "/a", "a.example/b", "http://", "http://h/a b", "http://h/\u{0}", "http://h:x/",
        "http://h:70000/", "http://[::1/", "http://h/\r\nX: y",
    ])
    func whatIsNone(text: String) {
        #expect(URLParts(text) == nil)
    }
}
