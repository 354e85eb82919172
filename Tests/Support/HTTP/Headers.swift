/// HTTP header fields in the order they came; names compare without case (RFC 9110, 5.1).
package struct Headers: Equatable, Sendable, ExpressibleByDictionaryLiteral {
    package struct Field: Equatable, Sendable {
        package let name: String
        package let value: String
    }

    package private(set) var fields: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first field of that name.
    package subscript(name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    package mutating func remove(_ name: String) {
        fields.removeAll { $0.name.lowercased() == name.lowercased() }
    }

    /// In place when there is such a field, otherwise where the API server's alphabetical order wants it.
    package mutating func replace(_ name: String, _ value: String) {
        let field = Field(name: name, value: value)
        if let index = fields.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) {
            fields[index] = field
        } else {
            // Date and the framing come last: Go's server adds them to what the handler has set.
            let index = fields.firstIndex { $0.name > name || $0.name == "Date" } ?? fields.count
            fields.insert(field, at: index)
        }
    }

    /// As on the wire, without the empty line at the end.
    package var text: String {
        fields.map { "\($0.name): \($0.value)\r\n" }.joined()
    }

    /// Lines between the first line of a message and the empty line.
    init?(lines: some Sequence<Substring>) {
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...]
            append(String(line[..<colon]), value.trimmingHTTPSpace())
        }
    }
}

extension Substring {
    func trimmingHTTPSpace() -> String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

/// The first line and the headers of a message, cut off the front of what was read.
struct MessageHead {
    let firstLine: String
    let headers: Headers
    /// Bytes taken, the empty line included.
    let size: Int

    /// - Returns: Nil while the empty line has not come.
    /// - Throws: When what came is not HTTP.
    static func parse(_ bytes: ArraySlice<UInt8>) throws(MalformedHTTP) -> MessageHead? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            guard bytes.count <= 256 << 10 else { throw MalformedHTTP("256 KiB without the end of the headers") }
            return nil
        }
        // A CRLF is one Character in Swift.
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, let headers = Headers(lines: lines.dropFirst()) else {
            throw MalformedHTTP("a header line without a colon")
        }
        return MessageHead(firstLine: String(first), headers: headers, size: end.upperBound - bytes.startIndex)
    }
}

/// Bytes that are not the HTTP that they should be.
package struct MalformedHTTP: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
