import Foundation
import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// What a server may do to a probe of a configured target, and what that must be called.
private let head = "HTTP/1.1 200 OK\r\n"
private let noise = [UInt8](repeating: 0xff, count: 1 << 20)
/// A hundred times a million bytes, which are not kept anywhere.
private func endless(_ text: String) -> [Fault.Step] {
    let piece = Array(String(repeating: text, count: (1 << 20) / text.utf8.count + 1).utf8)
    return Array(repeating: .bytes(piece), count: 100) + [.hang]
}

private let connections = [
    Fault("closed at once", .reset, onAccept: true, [.close]),
    Fault("closed after the request", .reset, [.close]),
    Fault("reset", .reset, [.reset]),
    Fault("silent", .timeout, onAccept: true, [.hang]),
    Fault("silent in the head", .timeout, ["HTTP/1.1 200", .hang]),
    Fault("silent in the body", .timeout, ["\(head)Content-Length: 9\r\n\r\na", .hang]),
    Fault("a body that drips", .timeout, ["\(head)Content-Length: 9999\r\n\r\n"] + Fault.drip),
    Fault("a head that drips", .timeout, ["\(head)X: "] + Fault.drip),
]

private let protocols = [
    Fault("noise", .protocol, onAccept: true, [.bytes(noise), .hang]),
    Fault("SSH", .protocol, onAccept: true, ["SSH-2.0-OpenSSH_9.2\r\n", .hang]),
    Fault("SMTP", .protocol, onAccept: true, ["220 mail.example ESMTP\r\n", .hang]),
    Fault("TLS", .protocol, onAccept: true, [.bytes([0x15, 3, 1, 0, 2, 2, 0x0a]), .close]),
    Fault("HTTP/0.9", .protocol, ["<html>hello</html>\n", .close]),
    Fault("an HTTP/2 preface", .protocol, [.bytes([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 100]), .hang]),
    Fault("no number for a status", .protocol, ["HTTP/1.1 abc OK\r\n\r\n", .close]),
    Fault("a status of two digits", .protocol, ["HTTP/1.1 20 OK\r\n\r\n", .close]),
    Fault("version 9", .protocol, ["HTTP/9.1 200 OK\r\n\r\n", .close]),
    Fault("HTTP/2 without TLS", .protocol, ["HTTP/2 200\r\nContent-Length: 0\r\n\r\n", .close]),
    Fault(
        "a NUL in a header", .protocol, [.bytes(Array("\(head)X: a\u{0}b\r\nContent-Length: 0\r\n\r\n".utf8)), .hang]),
    Fault("a header without a name's end", .protocol, ["\(head)no colon\r\nContent-Length: 0\r\n\r\n", .hang]),
]

private let lengths = [
    Fault("headers without end", .protocol, [.bytes(Array(head.utf8))] + endless("X: aaaaaaaaaa\r\n")),
    Fault("a header without end", .protocol, ["\(head)X: "] + endless("a")),
    Fault(
        "a header of 1 MB", .protocol,
        ["\(head)X: ", .bytes(.init(repeating: 0x61, count: 1 << 20)), "\r\n\r\n", .hang]),
    Fault("a status line without end", .protocol, ["HTTP/1.1 200 "] + endless("a")),
    Fault("interim answers without end", .protocol, endless("HTTP/1.1 100 Continue\r\n\r\n")),
    Fault("early hints without end", .protocol, endless("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")),
    Fault(
        "trailers without end", .protocol,
        ["\(head)Transfer-Encoding: chunked\r\n\r\n0\r\n"] + endless("X: aaaaaaaaaa\r\n")),
    Fault("a body without end", .body, ["\(head)\r\n"] + endless("a")),
    Fault("chunks without end", .body, ["\(head)Transfer-Encoding: chunked\r\n\r\n"] + endless("4\r\naaaa\r\n")),
    Fault("a body that is longer than is read", .body, ["\(head)Content-Length: 65537\r\n\r\n"] + endless("a")),
    Fault("shorter than it says", .reset, ["\(head)Content-Length: 9\r\n\r\nab", .close]),
    Fault("shorter than it says, and reset", .reset, ["\(head)Content-Length: 9\r\n\r\nab", .reset]),
    Fault("a length below zero", .protocol, ["\(head)Content-Length: -1\r\n\r\n", .hang]),
    Fault("a length that is none", .protocol, ["\(head)Content-Length: many\r\n\r\n", .hang]),
    Fault("a chunk's length that is none", .protocol, ["\(head)Transfer-Encoding: chunked\r\n\r\nzz\r\n", .hang]),
    Fault(
        "a chunk's length of 2⁶⁴", .protocol,
        ["\(head)Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\na", .hang]),
    Fault(
        "a chunk that is longer than it says", .protocol,
        ["\(head)Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", .hang]),
    Fault("chunks that are cut off", .reset, ["\(head)Transfer-Encoding: chunked\r\n\r\n4\r\nab", .close]),
    Fault("another coding of the transfer", .protocol, ["\(head)Transfer-Encoding: zip\r\n\r\nabc", .close]),
]

private let answers = [
    Fault("switching protocols, and closed", .reset, ["HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", .close]),
    Fault("a redirect to itself", .status, ["HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"]),
    Fault(
        "a redirect to a file", .status,
        ["HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"]),
    Fault("status 999", .status, ["HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n"]),
    Fault("status 000", .protocol, ["HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n"]),
    Fault("unavailable", .status, ["HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"]),
]

@Suite(.serialized)
struct BadAnswerTests {
    @Test(arguments: connections + protocols + lengths + answers)
    private func endsInItsReason(fault: Fault) throws {
        let before = try #require(ProcessStatus.read()).residentBytes
        let server = try fault.server()
        let start = Instant.now()
        let isSlow = fault.reason == .timeout
        let result = try ask(server.address, timeout: isSlow ? .milliseconds(200) : .seconds(30)) {
            $0.followsRedirects = fault.testDescription.hasPrefix("a redirect")
            $0.expectation.pattern = "x"
        }
        #expect(result.outcome == .failure(fault.reason), "\(result.detail)")
        #expect(!result.detail.isEmpty)
        #expect(Instant.now() - start < .seconds(10))
        // The server's own megabytes are in it: what it sends is made here.
        #expect(try #require(ProcessStatus.read()).residentBytes < before + 16 << 20)
    }

    /// Reset after each of its bytes, and closed there.
    @Test(arguments: [StubServer.Step.reset, .close])
    func cutAtEachByte(step: StubServer.Step) throws {
        let whole = StubServer.response(headers: ["X": "y"], body: "hello")
        for count in 0..<whole.count {
            let server = try StubServer { _ in [.bytes(Array(whole[..<count])), .wait(.milliseconds(1)), step] }
            let result = try ask(server.address)
            #expect([.reset, .protocol].contains(result.outcome.reason), "after \(count): \(result)")
        }
        let server = try StubServer { _ in [.bytes(whole), step] }
        if step == .close { #expect(try ask(server.address).outcome.isSuccess) }
    }

    /// It was not asked for, and nobody looks into it: a thousand times what it takes.
    @Test func aCompressedBodyIsAsItCame() throws {
        let bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bytes.count)\r\n\r\n"
        let server = try StubServer(answer: Array(head.utf8) + bytes)
        let result = try ask(server.address) { $0.expectation.pattern = "^\u{1f}" }
        #expect(result.outcome.isSuccess, "\(result)")
        #expect(server.requests[0].headers["Accept-Encoding"] == nil)
    }

    /// As a coding of the transfer libcurl undoes it, unasked: the limit is on what comes of it.
    @Test func aCompressedTransferIsBounded() throws {
        let program = try Running("sh", ["-c", "head -c 200000000 /dev/zero | gzip -9 | base64 -w0"])
        #expect(program.waitForExit() == .code(0))
        let bomb = try #require(Data(base64Encoded: program.outputText.trimmingCharacters(in: .whitespacesAndNewlines)))
        let server = try StubServer { _ in
            [.bytes(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n".utf8) + bomb), .close]
        }
        let before = try #require(ProcessStatus.read()).residentBytes
        let result = try ask(server.address) { $0.expectation.pattern = "x" }
        #expect(result.outcome == .failure(.body), "\(result)")
        #expect(try #require(ProcessStatus.read()).residentBytes < before + 16 << 20)
    }

    /// RFC 9110, section 15.3.5: it has none, and what follows is of no answer.
    @Test func aStatusWithoutABodyAndABody() throws {
        let server = try StubServer(answer: Array("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello".utf8))
        #expect(try ask(server.address).outcome.isSuccess)
        let result = try ask(server.address) { $0.expectation.pattern = "hello" }
        #expect(result.outcome == .failure(.body))
    }
}
