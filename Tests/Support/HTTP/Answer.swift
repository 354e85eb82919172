/// A response as a server sends it.
package struct Answer: Equatable, Sendable {
    /// `HTTP/1.1 200 OK`.
    package var statusLine: String
    /// With the framing: `Content-Length` or `Transfer-Encoding: chunked`.
    package var headers: Headers
    /// Without chunk framing, compressed where the headers say so.
    package var body: [UInt8]

    package init(statusLine: String, headers: Headers, body: [UInt8]) {
        self.statusLine = statusLine
        self.headers = headers
        self.body = body
    }

    package var status: Int {
        let words = statusLine.split(separator: " ")
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    package var isChunked: Bool { headers["Transfer-Encoding"] != nil }

    /// Status line and headers, as on the wire.
    package var head: [UInt8] {
        Array("\(statusLine)\r\n\(headers.text)\r\n".utf8)
    }

    /// The body, as on the wire.
    package var framedBody: [UInt8] {
        guard isChunked else { return body }
        var framed: [UInt8] = []
        framed.reserveCapacity(body.count + body.count / 128)
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Answer.chunkSize)
            framed += "\(String(chunk.count, radix: 16))\r\n".utf8
            framed += chunk
            framed += "\r\n".utf8
            rest = rest.dropFirst(chunk.count)
        }
        framed += "0\r\n\r\n".utf8
        return framed
    }

    /// What Go's server collects before it decides: it gives a `Content-Length` to an answer that is complete by
    /// then, and sends any longer one in chunks. Every recorded answer keeps to it.
    static let chunkSize = 2048

    /// Sets the framing that the API server would choose for this body.
    package mutating func frame() {
        headers.remove("Content-Length")
        headers.remove("Transfer-Encoding")
        if body.count > Answer.chunkSize {
            headers.append("Transfer-Encoding", "chunked")
        } else {
            headers.append("Content-Length", "\(body.count)")
        }
    }
}
