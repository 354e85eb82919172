internal import Foundation

/// A request as it came.
package struct HTTPRequest: Equatable, Sendable {
    package let method: String
    /// Path and query, still percent-encoded.
    package let target: String
    package let headers: Headers
    package let body: [UInt8]

    package init(method: String, target: String, headers: Headers = [:], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// Without the query, still percent-encoded.
    package var path: String {
        String(target.prefix { $0 != "?" })
    }

    /// Decoded; the last of several values of one name.
    package var query: [String: String] {
        var query: [String: String] = [:]
        for pair in target.drop(while: { $0 != "?" }).dropFirst().split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[percentDecoded(parts[0])] = parts.count > 1 ? percentDecoded(parts[1]) : ""
        }
        return query
    }

    /// Whether the client goes on with this connection after the answer (RFC 9112, 9.3).
    package var keepsConnection: Bool {
        headers["Connection"]?.lowercased() != "close"
    }
}

private func percentDecoded(_ text: Substring) -> String {
    let spaced = text.replacing("+", with: " ")
    return spaced.removingPercentEncoding ?? String(spaced)
}

/// Cuts requests out of a connection's bytes, which may hold a part of one or several.
package struct HTTPRequestParser {
    private var bytes: [UInt8] = []

    package init() {}

    package mutating func append(_ more: [UInt8]) {
        bytes += more
    }

    /// - Returns: Nil until a whole request is there.
    /// - Throws: On what is not HTTP/1.1, and on chunked request bodies, which nothing here sends.
    package mutating func next() throws(MalformedHTTP) -> HTTPRequest? {
        guard let head = try MessageHead.parse(bytes[...]) else { return nil }
        let words = head.firstLine.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
            throw MalformedHTTP("not a request line: \(head.firstLine)")
        }
        guard head.headers["Transfer-Encoding"] == nil else { throw MalformedHTTP("a chunked request body") }
        var length = 0
        if let text = head.headers["Content-Length"] {
            guard let number = Int(text), number >= 0 else { throw MalformedHTTP("Content-Length: \(text)") }
            length = number
        }
        guard bytes.count >= head.size + length else { return nil }
        let body = Array(bytes[head.size..<head.size + length])
        bytes.removeFirst(head.size + length)
        return HTTPRequest(method: String(words[0]), target: String(words[1]), headers: head.headers, body: body)
    }
}
