internal import Glibc

/// A socket call that failed: what was tried, and the kernel's reason.
package struct SocketError: Error, Equatable, CustomStringConvertible {
    package let operation: String
    package let number: Int32

    package var description: String { "\(operation): \(String(cString: strerror(number)))" }

    /// The connection was refused (a RST answered the SYN).
    package var isRefused: Bool { number == ECONNREFUSED }
    /// The connection was reset (a RST came later).
    package var isReset: Bool { number == ECONNRESET || number == EPIPE }
    /// Our own deadline passed.
    package var isTimeout: Bool { number == ETIMEDOUT }
}

/// Makes a TCP socket bound to an address, not yet listening.
///
/// Close-on-exec: a child that inherits a listening socket keeps its port open after the test has closed it.
/// `SO_REUSEADDR`: Linux lets several sockets bind one port as long as none of them listens, which is how a port is
/// kept while nothing answers on it, and connections in TIME_WAIT do not keep a listener from coming back.
///
/// - Parameter isNew: Nobody else may have the port yet, listening or not.
func boundSocket(_ address: SocketAddress, isNew: Bool = false) throws(SocketError) -> Int32 {
    let number = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SocketError(operation: "socket", number: errno) }
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    if !isNew { setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, size) }
    guard address.withSockaddr({ bind(number, $0, $1) }) == 0 else {
        let error = SocketError(operation: "bind \(address)", number: errno)
        close(number)
        throw error
    }
    if isNew { setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, size) }
    return number
}
