import Support
import Testing

struct StubServerTests {
    @Test func rawBytesAreTheAnswer() async throws {
        let server = try StubServer(answer: Array("HTTP/1.0 503 No\r\nX: y\r\n\r\nuntil the end".utf8))
        let response = try await HTTPGet.fetch(server.url + "/a?b=c%20d", headers: ["X-Asked": "1"])
        #expect(response.status == 503)
        #expect(response.headers["x"] == "y")
        #expect(response.text == "until the end")
        #expect(server.requests.map(\.target) == ["/a?b=c%20d"])
        #expect(server.requests[0].query == ["b": "c d"])
        #expect(server.requests[0].headers["x-asked"] == "1")
    }

    @Test func garbageAndSilence() async throws {
        let garbage = try StubServer(onAccept: [.bytes(Array("SSH-2.0-OpenSSH\r\n\r\n".utf8)), .close])
        await #expect(throws: HTTPGet.Failure.self) { try await HTTPGet.fetch(garbage.url) }
        let closing = try StubServer { _ in [.close] }
        await #expect(throws: HTTPGet.Failure.cutOff(bodyBytes: 0)) { try await HTTPGet.fetch(closing.url) }
        let resetting = try StubServer { _ in [.bytes(Array("HTTP/1.1 200".utf8)), .reset] }
        await #expect(throws: HTTPGet.Failure.reset) { try await HTTPGet.fetch(resetting.url) }
        let silent = try StubServer(onAccept: [.hang])
        await #expect(throws: HTTPGet.Failure.timeout) {
            try await HTTPGet.fetch(silent.url, timeout: .milliseconds(50))
        }
    }

    @Test func aScriptWaitsAndAnswersByRequest() async throws {
        let server = try StubServer(host: "::1") { request in
            [.wait(.milliseconds(30)), .bytes(StubServer.response(body: request.method + String(request.body.count)))]
        }
        let start = ContinuousClock.now
        let response = try await HTTPGet.fetch(server.url, method: "POST", body: [1, 2, 3])
        #expect(response.text == "POST3")
        #expect(ContinuousClock.now - start >= .milliseconds(30))
        #expect(server.url.hasPrefix("http://[::1]:"))
        #expect(try await HTTPGet.fetch(server.url, method: "HEAD").status == 200)
    }

    @Test(arguments: ["nonsense", "https://127.0.0.1:1/", "http:///x"])
    func badURLs(url: String) async {
        await #expect(throws: HTTPGet.Failure.badURL(url)) { try await HTTPGet.fetch(url) }
    }
}
