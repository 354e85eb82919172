import Foundation
import Reactor
import Support
import Testing

struct TransferTests {
    @Test func replyAndRequest() throws {
        let wire = try Wire()
        let server = try StubServer(answer: StubServer.response(headers: ["X-A": "1"], body: "hello"))
        let client = Client(server.url + "/a?b=c")
        client.transfer.setUserAgent("heartmesh/test")
        client.transfer.setHeaders(["Accept:", "X-Asked: yes"])
        #expect(try wire.run(client) == nil)
        #expect(client.transfer.status == 200)
        #expect(client.text == "hello")
        #expect(client.lines.first == "HTTP/1.1 200 OK\r\n")
        #expect(client.lines.contains("X-A: 1\r\n"))
        #expect(client.lines.last == "\r\n")
        let request = try #require(server.requests.first)
        #expect(request.method == "GET")
        #expect(request.target == "/a?b=c")
        #expect(request.headers["User-Agent"] == "heartmesh/test")
        #expect(request.headers["X-Asked"] == "yes")
        #expect(request.headers["Accept"] == nil)
        #expect(request.headers["Host"] == "\(server.address)")
    }

    @Test func settingsAreReplaced() throws {
        let wire = try Wire()
        let server = try CountingServer()
        let stub = try StubServer(answer: StubServer.response(status: 404, reason: "Not Found"))
        let client = Client(server.url)
        client.transfer.setHeaders(["X-Old: 1"])
        #expect(try wire.run(client) == nil)
        client.transfer.setURL(stub.url)
        client.transfer.setHeaders(["X-New: 1"])
        #expect(try wire.run(client) == nil)
        #expect(client.transfer.status == 404)
        #expect(stub.requests.first?.headers["X-Old"] == nil)
        #expect(stub.requests.first?.headers["X-New"] == "1")
    }

    @Test func redirectsAreNotFollowed() throws {
        let wire = try Wire()
        let target = try CountingServer()
        let server = try StubServer(
            answer: StubServer.response(status: 301, reason: "Moved", headers: ["Location": target.url]))
        let client = Client(server.url)
        #expect(try wire.run(client) == nil)
        #expect(client.transfer.status == 301)
        #expect(target.connections == 0)
    }

    @Test func compressedBodies() throws {
        let wire = try Wire()
        // `heartmesh ` two hundred times, by gzip -9n.
        let compressed = try #require(
            Data(base64Encoded: "H4sIAAAAAAACA8tITSwqyU0tzlDIGGWNskZZo6xR1ihrlDVEWQA3w7rt0AcAAA=="))
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(compressed.count)\r\n\r\n"
        let server = try StubServer(answer: Array(head.utf8) + compressed)
        let client = Client(server.url)
        client.transfer.setCompressed()
        #expect(try wire.run(client) == nil)
        #expect(server.requests.first?.headers["Accept-Encoding"] == "gzip")
        #expect(client.text == String(repeating: "heartmesh ", count: 200))
        // What the wire carried, not what came out of it.
        #expect(client.transfer.receivedBytes == head.utf8.count + compressed.count)
    }

    @Test func retryAfterIsOfTheLastReplyOnly() throws {
        let wire = try Wire()
        let asking = try StubServer(
            answer: StubServer.response(status: 429, reason: "Too Many Requests", headers: ["Retry-After": "7"]))
        let server = try StubServer(answer: StubServer.response())
        let client = Client(asking.url)
        #expect(try wire.run(client) == nil)
        #expect(client.transfer.retryAfter == .seconds(7))
        client.transfer.setURL(server.url)
        #expect(try wire.run(client) == nil)
        #expect(client.transfer.retryAfter == .zero)
    }

    @Test func aBodyThatIsNotWantedEndsTheTransfer() throws {
        let wire = try Wire()
        let endless = try StubServer { _ in
            [.bytes(Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + [UInt8](repeating: 0x61, count: 1 << 20)), .hang]
        }
        let client = Client(endless.url)
        client.transfer.setReceiveBuffer(2048)
        client.bodyLimit = 10_000
        #expect(try wire.run(client)?.kind == .body)
        #expect((10_000..<20_000).contains(client.body.count))
    }

    @Test func theTimeoutIsOfTheWhole() throws {
        let wire = try Wire()
        // It drips: no single wait is long.
        let server = try StubServer { _ in
            [.bytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8))]
                + (0..<10_000).flatMap { _ in [StubServer.Step.wait(.milliseconds(5)), .bytes([0x61])] }
        }
        let client = Client(server.url, timeout: .milliseconds(150))
        let start = Instant.now()
        #expect(try wire.run(client)?.kind == .timeout)
        // libcurl's clock counts in whole milliseconds.
        #expect(Instant.now() - start >= .milliseconds(149))
        #expect(!client.body.isEmpty)
        #expect(client.transfer.status == 200)
        let quick = try CountingServer()
        client.transfer.setURL(quick.url)
        client.transfer.setTimeout(connect: .seconds(30), total: .seconds(30))
        #expect(try wire.run(client) == nil)
        #expect(client.transfer.elapsed > .zero && client.transfer.elapsed < .seconds(30))
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func theConnectionGoesToAnotherHost(host: String) throws {
        let wire = try Wire()
        let server = try StubServer(host: host, answer: StubServer.response(body: "here"))
        let client = Client("http://api.example:6443/")
        client.transfer.setConnection(to: host == "::1" ? "[::1]" : host, port: Int(server.address.port))
        #expect(try wire.run(client) == nil)
        #expect(client.text == "here")
        #expect(server.requests.first?.headers["Host"] == "api.example:6443")
    }
}
