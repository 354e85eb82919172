import Foundation

/// A folder of a cluster's own, removed with the last reference.
final class Folder: Sendable {
    let path: String

    /// - Parameter prefix: Tells whose it is when it is left behind.
    init(prefix: String) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(prefix + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { remove() }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// - Returns: The file's path.
    @discardableResult
    func write(_ text: String, _ name: String) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }
}
