internal import Glibc

/// A system call that failed: what was tried, on what, and why.
package struct SystemError: Error, CustomStringConvertible, Sendable {
    package let operation: String
    package let errno: Int32

    package init(_ operation: String, errno: Int32) {
        self.operation = operation
        self.errno = errno
    }

    package var isNoSuchFile: Bool { errno == ENOENT }

    package var description: String {
        "\(operation): \(systemErrorText(errno))"
    }
}

/// The kernel's text for an error number, as strerror(3) gives it.
package func systemErrorText(_ number: Int32) -> String {
    String(cString: strerror(number))
}

/// Runs a system call again for as long as a signal interrupts it.
///
/// - Returns: The call's result.
/// - Throws: `SystemError` with `errno` when the result is -1.
@discardableResult
package func systemCall(
    _ operation: @autoclosure () -> String, _ body: () -> Int32
) throws(SystemError) -> Int32 {
    while true {
        let result = body()
        if result != -1 { return result }
        let number = errno
        if number != EINTR { throw SystemError(operation(), errno: number) }
    }
}
