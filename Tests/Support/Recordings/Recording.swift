internal import Foundation

/// One recorded answer of a real API server: what was asked, the status line, the headers, the body.
///
/// The files are in `Tests/Recordings`; its README says where they come from.
package struct Recording: Equatable, Sendable {
    /// Inside of `Tests/Recordings`, without `.gz`: `3/list/endpointslices-of-service.json`.
    package let path: String
    /// As it came on the wire, without chunk framing. Files that were compressed after recording are plain here.
    package let body: [UInt8]
    let head: RecordingTable.Head
    let asked: RecordingTable.Asked?

    package var statusLine: String { head.statusLine }
    package var headers: Headers { head.headers }
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The recorded answer.
    package var answer: Answer {
        Answer(statusLine: head.statusLine, headers: head.headers, body: body)
    }

    /// - Parameter path: Inside of `Tests/Recordings`; `.gz` may be left out.
    package init(_ path: String) throws {
        let bare = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
        self = try Recording.loaded(bare)
    }

    private init(reading path: String) throws {
        self.path = path
        let file = Recording.root + "/" + path
        body =
            FileManager.default.fileExists(atPath: file)
            ? try Recording.read(path) : try Gzip.decompress(file: file + ".gz")
        let folder = String(path.prefix { $0 != "/" })
        let name = String(path.dropFirst(folder.count + 1))
        let tables = try Recording.tables(folder)
        // The tables name some files with `.gz` and some without.
        guard let head = tables.heads[name] ?? tables.heads[name + ".gz"] ?? Recording.headBeside(path) else {
            throw Missing(path: path, what: "headers")
        }
        self.head = head
        asked = tables.requests[name] ?? tables.requests[name + ".gz"]
    }

    package struct Missing: Error, CustomStringConvertible {
        let path: String
        let what: String

        package var description: String { "Tests/Recordings/\(path): no \(what)" }
    }

    /// The folder of the recordings in this source tree.
    package static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Recordings").path

    /// `5000/` has no tables: one answer's head is beside its file, and the other answers' heads are that one as it is
    /// without compression.
    private static func headBeside(_ path: String) -> RecordingTable.Head? {
        let exact = (path as NSString).deletingPathExtension + ".headers"
        if path.hasSuffix(".bin"), let text = try? read(exact) { return RecordingTable.head(text) }
        let folder = (path as NSString).deletingLastPathComponent
        let files = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []
        guard let file = files.first(where: { $0.hasSuffix(".headers") }),
            let text = try? read(folder + "/" + file), var head = RecordingTable.head(text)
        else { return nil }
        head.headers.remove("Content-Encoding")
        head.headers.remove("Vary")
        return head
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: root + "/" + path) else {
            throw Missing(path: path, what: "such file")
        }
        return Array(data)
    }

    private typealias Tables = (heads: [String: RecordingTable.Head], requests: [String: RecordingTable.Asked])

    private static func tables(_ folder: String) throws -> Tables {
        guard let headers = try? read(folder + "/headers.tsv") else { return ([:], [:]) }
        let index = try read(folder + "/index.tsv")
        return (
            RecordingTable.heads(String(decoding: headers, as: UTF8.self)),
            RecordingTable.requests(String(decoding: index, as: UTF8.self))
        )
    }

    private static let lock = NSLock()
    nonisolated(unsafe) private static var cache: [String: Recording] = [:]

    /// Each file is read once: the tests share them, and the largest takes gzip(1) some 20 ms.
    private static func loaded(_ path: String) throws -> Recording {
        try lock.withLock {
            if let recording = cache[path] { return recording }
            let recording = try Recording(reading: path)
            cache[path] = recording
            return recording
        }
    }
}
