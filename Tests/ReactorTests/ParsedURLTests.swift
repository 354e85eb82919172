import Reactor
import Support
import Testing

struct ParsedURLTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func aTransferGoesThere(host: String) throws {
        let wire = try Wire()
        let server = try StubServer(host: host, answer: StubServer.response(body: "here"))
        let client = Client("http://127.0.0.1:9/")
        client.transfer.setURL(try #require(ParsedURL("\(server.url)/a?b=c")))
        for _ in 0..<2 {
            #expect(try wire.run(client) == nil)
            #expect(client.text == "here")
        }
        #expect(server.requests.map(\.target) == ["/a?b=c", "/a?b=c"])
        #expect(server.requests[0].headers["Host"] == "\(server.address)")
    }

    /// Whichever was set last, also after a failure, for which the handle is made anew.
    @Test func theLastURLCounts() throws {
        let wire = try Wire()
        let servers = try (0..<3).map { try StubServer(answer: StubServer.response(body: "\($0)")) }
        let port = try FreePort()
        let client = Client(servers[0].url)
        #expect(try wire.run(client) == nil)
        #expect(client.text == "0")
        for number in [1, 2] {
            client.transfer.setURL(try #require(ParsedURL("http://\(port.address)/")))
            #expect(try wire.run(client)?.kind == .refused)
            client.transfer.setURL(try #require(ParsedURL("\(servers[number].url)/")))
            #expect(try wire.run(client) == nil)
            #expect(client.text == "\(number)")
        }
        client.transfer.setURL(servers[0].url)
        #expect(try wire.run(client) == nil)
        #expect(client.text == "0")
        #expect(servers.map(\.requests.count) == [2, 1, 1])
    }

    /// The URL's host is then only a name, and the next URL goes to its own host again.
    @Test(arguments: ["127.0.0.1", "::1"])
    func theConnectionGoesElsewhere(host: String) throws {
        let wire = try Wire()
        let servers = try (0..<3).map { try StubServer(host: host, answer: StubServer.response(body: "\($0)")) }
        let named = try (0..<2).map { number in
            try #require(ParsedURL("http://beat.example:8\(number)/beat", at: "\(servers[number].address)"))
        }
        let direct = try #require(ParsedURL("\(servers[2].url)/"))
        let client = Client("http://127.0.0.1:9/")
        for (url, text) in [(named[0], "0"), (direct, "2"), (named[1], "1"), (named[0], "0"), (direct, "2")] {
            client.transfer.setURL(url)
            #expect(try wire.run(client) == nil)
            #expect(client.text == text)
        }
        client.transfer.setURL(named[1])
        client.transfer.setURL("\(servers[2].url)/")
        #expect(try wire.run(client) == nil)
        #expect(client.text == "2")
        #expect(servers[1].requests[0].headers["Host"] == "beat.example:81")
    }

    /// Unless the URL says where, the transfer does.
    @Test func theTransfersOwnPlaceStays() throws {
        let wire = try Wire()
        let servers = try (0..<2).map { try StubServer(answer: StubServer.response(body: "\($0)")) }
        let client = Client("http://api.example/")
        client.transfer.setConnection(to: "127.0.0.1", port: Int(servers[0].address.port))
        client.transfer.setURL(try #require(ParsedURL("http://beat.example/", at: "\(servers[1].address)")))
        #expect(try wire.run(client) == nil)
        #expect(client.text == "1")
        client.transfer.setURL(try #require(ParsedURL("http://beat.example/")))
        #expect(try wire.run(client) == nil)
        #expect(client.text == "0")
    }

    @Test func thePathIsEncoded() throws {
        let wire = try Wire()
        let server = try StubServer(answer: StubServer.response())
        let client = Client("http://127.0.0.1:9/")
        client.transfer.setURL(try #require(ParsedURL("\(server.url)/a b(/|$)(.*)%20é")))
        #expect(try wire.run(client) == nil)
        #expect(server.requests[0].target == "/a%20b(/|$)(.*)%20%c3%a9")
    }

    @Test(arguments: [
        "http://*.example:80/", "http://:80/", "http://a b:80/", "http://a:99999/", "http://[::1:80/", "",
    ])
    func whatIsNoURL(text: String) {
        #expect(ParsedURL(text) == nil)
    }
}
