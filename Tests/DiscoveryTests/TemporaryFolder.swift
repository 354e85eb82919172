import Foundation

/// A folder that is deleted with its content when the last reference goes.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("heartmesh-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it.
    subscript(name: String) -> String { "\(path)/\(name)" }

    /// Writes in place: the file stays the same one.
    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: self[name]))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: self[name])
    }
}
