internal import Glibc

/// A numeric IP address with a port: what the kernel's calls take and what stands in a URL.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: UInt16

    /// - Parameter host: `127.0.0.1` or `::1`, without brackets. A name traps: tests never resolve names.
    package init(_ host: String, _ port: UInt16) {
        self.host = host
        self.port = port
        precondition(isNumeric, "\(host) is not an IP address")
    }

    /// For a host out of a text that may be wrong: nil when it is not an IP address.
    init?(numeric host: String, _ port: UInt16) {
        self.host = host
        self.port = port
        guard isNumeric else { return nil }
    }

    private var isNumeric: Bool { storage() != nil }

    /// `127.0.0.1:80`, `[::1]:80`.
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    var family: Int32 { host.contains(":") ? AF_INET6 : AF_INET }

    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        guard var storage = storage() else { preconditionFailure("checked in init") }
        let size = family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }

    /// The port that the kernel gave to a socket bound to port 0.
    static func portOfSocket(_ number: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &size) }
        }
        guard result == 0 else { preconditionFailure("getsockname: \(String(cString: strerror(errno)))") }
        // The port stands at the same place in both families' structures.
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
        }
    }

    private func storage() -> sockaddr_storage? {
        var storage = sockaddr_storage()
        let parsed = withUnsafeMutablePointer(to: &storage) { pointer in
            if family == AF_INET6 {
                return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    $0.pointee.sin6_family = sa_family_t(AF_INET6)
                    $0.pointee.sin6_port = port.bigEndian
                    return inet_pton(AF_INET6, host, &$0.pointee.sin6_addr)
                }
            }
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                $0.pointee.sin_family = sa_family_t(AF_INET)
                $0.pointee.sin_port = port.bigEndian
                return inet_pton(AF_INET, host, &$0.pointee.sin_addr)
            }
        }
        return parsed == 1 ? storage : nil
    }
}
