/// A response as a client has read it, its body without chunk framing.
package struct HTTPResponse: Equatable, Sendable {
    package let status: Int
    package let statusLine: String
    package let headers: Headers
    package let body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }
}

/// Puts one response together from the bytes of a connection.
struct HTTPResponseParser {
    private enum Framing: Equatable {
        case length(Int)
        case chunked
        case untilEnd
    }

    private var bytes: [UInt8] = []
    private var head: MessageHead?
    private var framing = Framing.untilEnd
    private var body: [UInt8] = []
    private let isHeadOnly: Bool

    /// - Parameter method: The request's: a HEAD is answered without a body.
    init(method: String) {
        isHeadOnly = method == "HEAD"
    }

    /// Bytes of the body that have come so far.
    var received: Int { framing == .chunked ? body.count : bytes.count }

    /// - Returns: The response when it is complete, nil while it is not.
    mutating func received(_ more: [UInt8]) throws(MalformedHTTP) -> HTTPResponse? {
        bytes += more
        if head == nil {
            guard let parsed = try MessageHead.parse(bytes[...]) else { return nil }
            head = parsed
            bytes.removeFirst(parsed.size)
            framing = try framing(of: parsed)
        }
        switch framing {
        case .untilEnd: return nil
        case .length(let length): return bytes.count >= length ? try response(Array(bytes[..<length])) : nil
        case .chunked: return try takeChunks() ? try response(body) : nil
        }
    }

    /// The connection has ended.
    ///
    /// - Returns: The response if the end of the connection is what ends it; nil when something is missing.
    mutating func ended() throws(MalformedHTTP) -> HTTPResponse? {
        guard head != nil, framing == .untilEnd else { return nil }
        return try response(bytes)
    }

    private func framing(of head: MessageHead) throws(MalformedHTTP) -> Framing {
        if isHeadOnly { return .length(0) }
        if head.headers["Transfer-Encoding"]?.lowercased() == "chunked" { return .chunked }
        guard let text = head.headers["Content-Length"] else { return .untilEnd }
        guard let length = Int(text), length >= 0 else { throw MalformedHTTP("Content-Length: \(text)") }
        return .length(length)
    }

    /// - Returns: Whether the last chunk has come.
    private mutating func takeChunks() throws(MalformedHTTP) -> Bool {
        let lineEnd = Array("\r\n".utf8)
        var rest = bytes[...]
        defer { bytes = Array(rest) }
        while let end = rest.firstRange(of: lineEnd) {
            let line = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            guard let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else {
                throw MalformedHTTP("chunk size \(line)")
            }
            guard rest.endIndex - end.upperBound >= size + 2 else { return false }
            let data = rest[end.upperBound..<end.upperBound + size]
            guard rest[data.endIndex..<data.endIndex + 2].elementsEqual(lineEnd) else {
                throw MalformedHTTP("a chunk longer than its size")
            }
            rest = rest[(data.endIndex + 2)...]
            if size == 0 { return true }
            body += data
        }
        return false
    }

    private func response(_ body: [UInt8]) throws(MalformedHTTP) -> HTTPResponse {
        guard let head else { preconditionFailure("a body follows a head") }
        let words = head.firstLine.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw MalformedHTTP("not a status line: \(head.firstLine)")
        }
        return HTTPResponse(status: status, statusLine: head.firstLine, headers: head.headers, body: body)
    }
}
