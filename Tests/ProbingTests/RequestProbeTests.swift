import Documents
import Foundation
import Mesh
import Reactor
import Support
import Testing

@testable import Probing

struct RequestProbeTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heartmesh-\(UUID())").path

    private func file(_ name: String, _ text: String) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
        return "\(folder)/\(name)"
    }

    @Test(arguments: RequestSettings.Method.allCases)
    func everyMethod(method: RequestSettings.Method) throws {
        // The length is the body's that a GET would have: no HEAD waits for it.
        let isHead = method == .head
        let server = try StubServer { _ in
            [
                .bytes(
                    isHead ? Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".utf8) : StubServer.response(body: "x")
                )
            ]
        }
        let result = try ask(server.address, path: "/a?b=c") { $0.method = method }
        #expect(result.outcome.isSuccess, "\(result)")
        #expect(server.requests.allSatisfy { $0.method == method.rawValue && $0.target == "/a?b=c" && $0.body.isEmpty })
        if !method.takesBody { return }
        _ = try ask(server.address) {
            $0.method = method
            $0.body = .bytes(Array("a\u{0}b".utf8))
            $0.headers = ["Content-Type: text/x", "Expect:"]
        }
        let request = try #require(server.requests.last)
        #expect(request.method == method.rawValue && request.body == Array("a\u{0}b".utf8))
        #expect(request.headers["Content-Type"] == "text/x")
    }

    /// The name in the URL is for the request only: where to connect is the target's address, and no resolver is asked.
    @Test func theAddressIsTheTargets() throws {
        let server = try StubServer { _ in [.bytes(StubServer.response())] }
        let result = try ask(server.address, host: "nowhere.invalid")
        #expect(result.outcome.isSuccess, "\(result)")
        #expect(server.requests[0].headers["Host"] == "nowhere.invalid:\(server.address.port)")
    }

    @Test func headersAreSentAsTheyAreGiven() throws {
        let server = try StubServer { _ in [.bytes(StubServer.response())] }
        let result = try ask(server.address) {
            $0.headers = ["Host: other.example", "X-A: b:  c", "X-Empty;", "Accept:"]
        }
        #expect(result.outcome.isSuccess)
        let headers = server.requests[0].headers
        #expect(headers["Host"] == "other.example" && headers["X-A"] == "b:  c" && headers["X-Empty"] == "")
        #expect(headers["User-Agent"] == "heartmesh/test" && headers["Accept"] == nil)
        #expect(headers["Accept-Encoding"] == nil && headers["Authorization"] == nil && headers["Cookie"] == nil)
    }

    @Test func credentialsAreReadFromTheirFilesAgain() throws {
        let server = try StubServer { _ in [.bytes(StubServer.response())] }
        let path = try file("token", "one\n")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let rig = try Rig()
        var settings = RequestSettings(url: server.url)
        settings.credentials = .bearer(tokenFile: path)
        rig.prober.requestSettings["web"] = settings
        let slot = rig.prober.add(try configured(server.address), interval: .milliseconds(50), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.isEmpty }))
        #expect(server.requests[0].headers["Authorization"] == "Bearer one")
        _ = try file("token", "two\r\n")
        #expect(rig.turn(while: { server.requests.last?.headers["Authorization"] != "Bearer two" }))
        // What is no token is no network's fault, and nothing is sent.
        _ = try file("token", "three\nX-Injected: 1")
        #expect(rig.turn(while: { rig.results.last?.outcome.isSuccess == true }))
        let count = server.requests.count
        #expect(rig.results.last?.outcome == .failure(.local))
        #expect(rig.results.last?.detail == "\(path) is not one line of text")
        try FileManager.default.removeItem(atPath: path)
        #expect(rig.turn(while: { rig.results.last?.detail != "open \(path): No such file or directory" }))
        #expect(rig.results.last?.outcome == .failure(.local) && server.requests.count == count)
        rig.prober.remove(slot)
    }

    /// What one target is told, no other is: not in the order in which they come, and not after a failure.
    @Test func nothingLeaksFromOneTargetToAnother() throws {
        let password = try file("password", "secret\n")
        let body = try file("body", "the body")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try StubServer { request in
            request.target == "/closed" ? [.close] : [.bytes(StubServer.response())]
        }
        var rich = RequestSettings(url: "\(server.url)/rich")
        rich.credentials = .basic(user: "me", passwordFile: password)
        rich.method = .put
        rich.body = .file(body)
        rich.headers = ["X-Secret: 1", "User-Agent: other", "Expect:"]
        var closed = rich
        closed.url = "\(server.url)/closed"
        let rig = try Rig()
        var targets: [(Target, RequestSettings)] = []
        for number in 0..<5 {
            targets.append((try configured(server.address, as: "rich\(number)"), rich))
            targets.append((try configured(server.address, as: "closed\(number)"), closed))
            let poor = RequestSettings(url: "\(server.url)/poor")
            targets.append((try configured(server.address, as: "poor\(number)"), poor))
        }
        for _ in 0..<3 { _ = try rig.ask(targets) }
        let (richRequests, poorRequests) = (
            server.requests.filter { $0.target == "/rich" }, server.requests.filter { $0.target == "/poor" }
        )
        #expect(richRequests.count >= 15 && poorRequests.count >= 15)
        for request in richRequests {
            #expect(request.headers["Authorization"] == "Basic bWU6c2VjcmV0" && request.body == Array("the body".utf8))
        }
        for request in poorRequests {
            #expect(request.method == "GET" && request.body.isEmpty)
            #expect(request.headers["Authorization"] == nil && request.headers["X-Secret"] == nil)
            #expect(request.headers["User-Agent"] == "heartmesh/test")
        }
        for result in rig.results { #expect(!"\(result)".contains("secret") && !"\(result)".contains("the body")) }
    }

    @Test(arguments: [
        ([200...200], 200, true), ([200...200], 204, false), ([200...299, 404...404], 404, true),
        ([200...299], 404, false), ([301...301], 301, true), ([500...599], 503, true), ([500...599], 200, false),
        ([401...401], 401, true),
    ])
    func theStatus(statuses: [ClosedRange<Int>], status: Int, isGood: Bool) throws {
        let server = try StubServer(
            answer: StubServer.response(status: status, headers: status == 301 ? ["Location": "/b"] : [:]))
        let result = try ask(server.address) { $0.expectation.statuses = statuses }
        if isGood {
            #expect(result.outcome.isSuccess, "\(result)")
        } else {
            #expect(result.outcome == .failure(.status))
        }
        if !isGood { #expect(result.detail == "status \(status)") }
    }

    @Test(arguments: [
        ("ok", "all ok.", true), ("^ok$", "ok", true), ("^ok$", "ok\n", false), ("a.c", "a\nc", true),
        ("[0-9]{3}", "ab123", true), ("[0-9]{4}", "ab123", false), ("b", "a\u{0}b", true), ("a.b", "a\u{0}b", false),
        ("é", "café", true),
    ])
    func theBody(pattern: String, body: String, isGood: Bool) throws {
        let server = try StubServer(answer: StubServer.response(body: body))
        let result = try ask(server.address) { $0.expectation.pattern = pattern }
        if isGood { #expect(result.outcome.isSuccess, "\(result)") } else { #expect(result.outcome == .failure(.body)) }
        if !isGood { #expect(result.detail == "the body does not match") }
    }

    @Test(arguments: [
        (#"{"a":{"b":[{"c":"ok"}]}}"#, "answered"),
        (#"{"a":{"b":[{"c":"bad"}]}}"#, "the body has another value at a.b[0].c"),
        (#"{"a":{"b":[]}}"#, "the body has no value at a.b[0].c"), (#"[1]"#, "the body has no value at a.b[0].c"),
        (#"{"a":{"b":[{"c":"ok"}]}} x"#, "the body is not JSON: byte 25: something follows the document"),
        (#"{"a":{"b":[{"c":"ok"}]}"#, "the body is not JSON: byte 23: the document ends too early"),
        ("", "the body is not JSON: byte 0: the document ends too early"),
    ])
    func theJSON(body: String, detail: String) throws {
        let server = try StubServer(answer: StubServer.response(body: body))
        let path = try #require(JSONPath("a.b[0].c"))
        let result = try ask(server.address) { $0.expectation.member = .init(path: path, value: .string("ok")) }
        #expect(result.detail == detail)
        #expect(result.outcome.isSuccess == (detail == "answered"))
        if detail != "answered" { #expect(result.outcome == .failure(.body)) }
    }

    @Test(arguments: [(99, false), (100, true)])
    func theLengthOfTheBody(limit: Int, isGood: Bool) throws {
        let server = try StubServer(answer: StubServer.response(body: String(repeating: "x", count: 100)))
        let result = try ask(server.address) { $0.expectation.bodyLimit = limit }
        if isGood { #expect(result.outcome.isSuccess) } else { #expect(result.outcome == .failure(.body)) }
        if !isGood { #expect(result.detail == "the body is longer than 99 bytes") }
    }
}
