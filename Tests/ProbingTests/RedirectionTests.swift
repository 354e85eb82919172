import Mesh
import Reactor
import Support
import Testing

@testable import Probing

struct RedirectionTests {
    @Test(arguments: [
        ("http://a.example/", "http://a.example/b", 80), ("http://a.example/", "http://A.EXAMPLE:80/b", 80),
        ("http://a.example/", "https://a.example/b", 443), ("http://a.example:8080/", "https://a.example:8443/", 8443),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/b", 443),
        ("http://a.example/", "http://a.example:8080/", nil), ("https://a.example/", "http://a.example/", nil),
        ("http://a.example/", "http://b.example/", nil), ("http://a.example/", "http://u:p@a.example/", nil),
        ("http://a.example/", "ftp://a.example/", nil), ("http://a.example/", "", nil),
    ])
    func onlyToTheSameHost(old: String, new: String, port: UInt16?) {
        #expect(Redirection(from: old, to: new)?.port == port)
    }

    @Test(arguments: [
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "PUT", "GET"), (307, "POST", "POST"), (308, "PUT", "PUT"),
        (301, "PUT", "PUT"), (303, "HEAD", "HEAD"), (302, "HEAD", "HEAD"),
    ])
    func theMethodOfTheNext(status: Int, first: String, second: String) throws {
        let server = try StubServer { request in
            request.target == "/"
                ? [.bytes(StubServer.response(status: status, headers: ["Location": "/next"]))]
                : [.bytes(StubServer.response())]
        }
        let method = try #require(RequestSettings.Method(rawValue: first))
        let result = try ask(server.address) {
            $0.method = method
            $0.followsRedirects = true
            $0.body = method.takesBody ? .bytes(Array("b".utf8)) : nil
            $0.headers = ["Expect:"]
        }
        #expect(result.outcome.isSuccess, "\(result)")
        let next = try #require(server.requests.first { $0.target == "/next" })
        #expect(server.requests[0].method == first && next.method == second)
        #expect(next.body.isEmpty == (second != first || !method.takesBody))
        #expect(server.connectionCount >= server.requests.count)
    }

    @Test func fiveAndNoMore() throws {
        let server = try StubServer { request in
            let number = Int(request.target.dropFirst()) ?? 0
            return [.bytes(StubServer.response(status: 302, headers: ["Location": "/\(number + 1)"]))]
        }
        let result = try ask(server.address) { $0.followsRedirects = true }
        #expect(result.outcome == .failure(.status) && result.detail == "more than 5 redirects")
        #expect(Set(server.requests.map(\.target)) == ["/", "/1", "/2", "/3", "/4", "/5"])
    }

    @Test func anotherHostIsToldNothing() throws {
        let other = try StubServer(answer: StubServer.response())
        let server = try StubServer(
            answer: StubServer.response(status: 302, headers: ["Location": "http://localhost:\(other.address.port)/"]))
        let result = try ask(server.address) { $0.followsRedirects = true }
        #expect(result.outcome == .failure(.status))
        #expect(result.detail == "status 302 to another host, or to a less secure one")
        #expect(other.connectionCount == 0)
        #expect(try ask(server.address).detail == "status 302")
    }

    /// The timeout is the whole probe's.
    @Test func allOfThemTogetherHaveOneTimeout() throws {
        let server = try StubServer { _ in
            [.wait(.milliseconds(100)), .bytes(StubServer.response(status: 302, headers: ["Location": "/"]))]
        }
        let start = Instant.now()
        let result = try ask(server.address, timeout: .milliseconds(250)) { $0.followsRedirects = true }
        #expect(result.outcome == .failure(.timeout), "\(result)")
        #expect(Instant.now() - start >= .milliseconds(249))
    }
}
