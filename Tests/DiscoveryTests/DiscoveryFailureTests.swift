import Support
import Testing

@testable import Discovery

struct DiscoveryFailureTests {
    @Test(arguments: [
        (401, DiscoveryReason.unauthorized), (403, .forbidden), (404, .notFound), (410, .gone), (429, .throttled),
        (500, .serverError), (503, .serverError), (504, .serverError), (599, .serverError), (100, .status),
        (201, .status),
        (301, .status), (400, .status), (406, .status), (418, .status), (600, .status), (0, .status),
    ])
    func reasonsOfStatuses(status: Int, reason: DiscoveryReason) {
        let failure = DiscoveryFailure(status: status, of: "list", message: "no", retryAfter: .seconds(3))
        #expect(failure.reason == reason)
        #expect(failure.description == "list: status \(status): no")
        #expect(failure.retryAfter == .seconds(3))
    }

    /// They are label values: alerts and dashboards depend on them.
    @Test func theReasonsAreAClosedSet() {
        #expect(
            DiscoveryReason.allCases.map(\.rawValue) == [
                "resolve", "refused", "timeout", "reset", "unreachable", "tls", "protocol", "local", "credentials",
                "unauthorized", "forbidden", "not_found", "gone", "throttled", "server_error", "status", "unreadable",
                "invalid", "shrunk",
            ])
        #expect(DiscoveryReason.ofFiles == [.unreadable, .invalid])
        #expect(DiscoveryReason.ofKubernetes.count == 18 && !DiscoveryReason.ofKubernetes.contains(.unreadable))
    }

    @Test(arguments: [
        ("3/errors/401-bad-token.json", "Unauthorized"),
        ("3/errors/404-service.json", #"services "nothing" not found"#),
        ("3/errors/404-unknown-group.txt", "404 page not found"),
        ("3/errors/429-list.json", "Too many requests, please try again later."),
        ("3/errors/504-list-future-version.json", "Timeout: Too large resource version: 9999999999, current: 704"),
    ])
    func theServersMessage(path: String, message: String) throws {
        #expect(statusMessage(try Recording(path).body) == message)
    }

    /// Indented, as a server that starts gives it.
    @Test func theMessageOfAnIndentedStatus() throws {
        #expect(
            statusMessage(try Recording("3/errors/starting-kill-1-403.json").body).hasPrefix(
                #"pods is forbidden: User "s"#))
    }

    /// It goes into one line of a log.
    @Test(arguments: [
        ("", ""), ("{}", "{}"), (#"{"message":"a\nb\r\n\nc"}"#, "a b c"), ("<html>\n<body>\n", "<html> <body>"),
        (#"{"message":"a"} x"#, "a"), (#"{"message":1}"#, #"{"message":1}"#), (#"{"message":"a""#, "a"),
    ])
    func theMessageIsOneLine(body: String, message: String) {
        #expect(statusMessage(Array(body.utf8)) == message)
    }

    @Test func theMessageIsShort() {
        let text = String(repeating: "x", count: 5000)
        #expect(statusMessage(Array(text.utf8)).count == 200)
        #expect(statusMessage(Array(#"{"message":"\#(text)"}"#.utf8)).count == 200)
        #expect(!statusMessage([UInt8](repeating: 0xff, count: 5000)).isEmpty)
    }
}
