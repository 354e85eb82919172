internal import Foundation

/// Compression by gzip(1), which is on every Debian; zlib's headers are not.
package enum Gzip {
    package struct Failed: Error {
        let message: String
    }

    /// - Parameter file: A path.
    package static func decompress(file: String) throws -> [UInt8] {
        try run(["-dc", file])
    }

    package static func decompress(_ bytes: [UInt8]) throws -> [UInt8] {
        try withTemporaryFile(bytes) { try run(["-dc", $0]) }
    }

    /// As the API server does it: level 1 (`defaultGzipContentEncodingLevel`), and the header that Go writes.
    ///
    /// Go's deflate is not zlib's, so the sizes differ by some per cent from what a real server sends.
    package static func compress(_ bytes: [UInt8]) throws -> [UInt8] {
        let known = lock.withLock { compressed[bytes] }
        if let known { return known }
        var result = try withTemporaryFile(bytes) { try run(["-1nc", $0]) }
        // Flags for "fastest" and the unknown operating system: bytes 8 and 9 (RFC 1952, 2.3.1).
        result.replaceSubrange(8..<10, with: [0x04, 0xff])
        remember(result, as: bytes)
        return result
    }

    /// Makes `compress` return what a real server sent for these bytes.
    static func remember(_ result: [UInt8], as bytes: [UInt8]) {
        lock.withLock { compressed[bytes] = result }
    }

    private static let lock = NSLock()
    nonisolated(unsafe) private static var compressed: [[UInt8]: [UInt8]] = [:]

    private static func run(_ arguments: [String]) throws -> [UInt8] {
        let gzip = try Running("gzip", arguments)
        let exit = gzip.waitForExit()
        guard exit == .code(0) else { throw Failed(message: "gzip \(arguments): \(exit) \(gzip.errorText)") }
        return gzip.output
    }

    private static func withTemporaryFile(_ bytes: [UInt8], _ body: (String) throws -> [UInt8]) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            throw Failed(message: "can't write \(path)")
        }
        return try body(path)
    }
}
