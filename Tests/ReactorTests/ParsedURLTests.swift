import Reactor
import Support
import Testing

struct ParsedURLTests {
    @Test(arguments: ["127.0.0.1", "::1"])
    func aTransferGoesThere(host: String) throws {
        let wire = try Wire()
        let server = try StubServer(host: host, answer: StubServer.response(body: "here"))
        let client = Client("http://127.0.0.1:9/")
        client.transfer.setURL(ParsedURL("\(server.url)/a?b=c"))
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
            client.transfer.setURL(ParsedURL("http://\(port.address)/"))
            #expect(try wire.run(client)?.kind == .refused)
            client.transfer.setURL(ParsedURL("\(servers[number].url)/"))
            #expect(try wire.run(client) == nil)
            #expect(client.text == "\(number)")
        }
        client.transfer.setURL(servers[0].url)
        #expect(try wire.run(client) == nil)
        #expect(client.text == "0")
        #expect(servers.map(\.requests.count) == [2, 1, 1])
    }
}
