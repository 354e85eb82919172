internal import Glibc

/// Writes a line to stderr.
func complain(_ line: String) {
    Array("\(line)\n".utf8).withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

/// Prints a line at once, also when the output is a pipe or a file that somebody reads along.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
