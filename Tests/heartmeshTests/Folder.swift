import Foundation

/// A folder of a test's own, removed with the last reference.
final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("heartmesh-\(UUID())").path

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes in place: the file stays the same one.
    func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
}
