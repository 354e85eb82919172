internal import Reactor

/// A small file whose contents are wanted again and again: read when it is another than before, and looked at no more than
/// once a second.
final class WatchedFile {
    let path: String
    private let limit: Int
    private var version: FileVersion?
    private var contents: Result<[UInt8], SystemError>?
    private var nextLook = Instant.never

    /// - Parameter limit: Bytes; a larger file is an error.
    init(_ path: String, limit: Int) {
        self.path = path
        self.limit = limit
    }

    /// - Throws: Why it can't be read now. What was read earlier does not count: somebody has taken it away.
    func read(at now: Instant) throws(SystemError) -> [UInt8] {
        if let contents, now < nextLook { return try contents.get() }
        nextLook = now + .seconds(1)
        let found = FileVersion(of: path)
        if let contents, found != nil, found == version, case .success(let bytes) = contents { return bytes }
        version = found
        do {
            let bytes = try readFile(path, limit: limit)
            contents = .success(bytes)
            return bytes
        } catch {
            contents = .failure(error)
            throw error
        }
    }
}
