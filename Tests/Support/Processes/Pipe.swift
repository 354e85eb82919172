internal import Foundation
internal import Glibc

/// A pipe, close-on-exec at both ends.
final class Pipe: @unchecked Sendable {
    let read: Int32
    private let lock = NSLock()
    private var writeEnd: Int32
    private var isClosed = false

    init() {
        var ends: [Int32] = [-1, -1]
        guard GNU.pipe2(&ends, O_CLOEXEC) == 0 else {
            preconditionFailure("pipe2: \(String(cString: strerror(errno)))")
        }
        read = ends[0]
        writeEnd = ends[1]
    }

    var write: Int32 { lock.withLock { writeEnd } }

    func closeWrite() {
        lock.withLock {
            if writeEnd >= 0 { _ = Glibc.close(writeEnd) }
            writeEnd = -1
        }
    }

    func close() {
        closeWrite()
        lock.withLock {
            if !isClosed { _ = Glibc.close(read) }
            isClosed = true
        }
    }
}

/// The texts as C wants them: an array of C strings that ends with a null pointer.
func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer {
        guard let base = $0.baseAddress else { preconditionFailure("it holds one pointer at least") }
        return body(base)
    }
}
