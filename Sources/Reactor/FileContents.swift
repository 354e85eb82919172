internal import CLinux
internal import Glibc

/// Reads a whole file.
///
/// - Parameter limit: Bytes; a larger file is an error, so that a device or a wrong path does not fill the memory.
package func readFile(_ path: String, limit: Int = 16 << 20) throws(SystemError) -> [UInt8] {
    let descriptor = Descriptor(owning: try systemCall("open \(path)") { heartmesh_open_for_reading(path) })
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
        let count = try systemCall("read \(path)") { Int32(read(descriptor.number, &chunk, chunk.count)) }
        if count == 0 { return bytes }
        bytes.append(contentsOf: chunk[..<Int(count)])
        if bytes.count > limit { throw SystemError("read \(path)", errno: EFBIG) }
    }
}

/// What tells one version of a file from the next, by stat(2), following links: a ConfigMap's file is a link into a
/// folder that is replaced as a whole.
package struct FileVersion: Equatable, Sendable {
    private let device: UInt
    private let inode: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int
    /// A pipe or a device may block whoever opens it, and gives what it has once.
    package let isRegular: Bool

    /// Nil when the file can't be looked at.
    package init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        isRegular = status.st_mode & S_IFMT == S_IFREG
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int(status.st_size)
        // The time of the inode's change, not of the data's: it can't be set back by a copy that keeps times.
        seconds = Int(status.st_ctim.tv_sec)
        nanoseconds = Int(status.st_ctim.tv_nsec)
    }
}
