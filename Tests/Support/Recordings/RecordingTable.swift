/// The tables that stand beside the recordings: `headers.tsv`, `index.tsv`, and the `.headers` files of `5000/`.
enum RecordingTable {
    /// Status line and headers of an answer.
    struct Head: Equatable, Sendable {
        var statusLine: String
        var headers: Headers
    }

    /// What was asked.
    struct Asked: Equatable, Sendable {
        let method: String
        let target: String
        let accept: String?
    }

    /// `headers.tsv`: a line for each header, `file, status line, header, value`; by file.
    static func heads(_ tsv: String) -> [String: Head] {
        var heads: [String: Head] = [:]
        for line in tsv.split(whereSeparator: \.isNewline).dropFirst() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 4 else { continue }
            heads[fields[0], default: Head(statusLine: fields[1], headers: [:])].headers.append(fields[2], fields[3])
        }
        return heads
    }

    /// `index.tsv`: `file, method, request, authorization, request headers, …`; by file.
    static func requests(_ tsv: String) -> [String: Asked] {
        var requests: [String: Asked] = [:]
        for line in tsv.split(whereSeparator: \.isNewline).dropFirst() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= 5 else { continue }
            // `Accept: application/json; Accept-Encoding: gzip` holds two headers.
            let accept = fields[4].split(separator: "; Accept-Encoding").first?.dropFirst("Accept: ".count)
            requests[fields[0]] = Asked(method: fields[1], target: fields[2], accept: accept.map(String.init))
        }
        return requests
    }

    /// A `.headers` file: the head as it came on the wire.
    static func head(_ text: [UInt8]) -> Head? {
        guard let head = try? MessageHead.parse(text[...]) else { return nil }
        return Head(statusLine: head.firstLine, headers: head.headers)
    }
}
