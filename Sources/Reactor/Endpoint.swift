internal import Glibc

/// An address and a port in the form that the kernel takes (ip(7), ipv6(7)).
package struct Endpoint: Sendable {
    /// The larger one of the two; an IPv4 endpoint lies at its start.
    private var storage = sockaddr_in6()
    private let length: socklen_t

    /// - Parameter address: Four or sixteen bytes, as they go over the wire.
    package init(address: [UInt8], port: UInt16) {
        precondition(address.count == 4 || address.count == 16, "an address has four or sixteen bytes")
        if address.count == 4 {
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: address) }
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: name, as: sockaddr_in.self) }
        } else {
            storage.sin6_family = sa_family_t(AF_INET6)
            storage.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &storage.sin6_addr) { $0.copyBytes(from: address) }
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        }
    }

    /// A name that the kernel gave.
    init(_ name: sockaddr_in6) {
        storage = name
        let is4 = Int32(name.sin6_family) == AF_INET
        length = socklen_t(is4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size)
    }

    /// The address' four or sixteen bytes, without the port.
    package func withAddress<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: storage) { bytes in
            // In IPv6 the address comes after the flow label.
            body(UnsafeRawBufferPointer(rebasing: family == AF_INET ? bytes[4..<8] : bytes[8..<24]))
        }
    }

    /// AF_INET or AF_INET6: both structures begin with it.
    var family: Int32 { Int32(storage.sin6_family) }

    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}

extension Endpoint: Equatable {
    /// The same address and port; whatever else a name has (flow label, interface) is not compared.
    package static func == (left: Endpoint, right: Endpoint) -> Bool {
        // Family and port; in IPv4 the address follows, in IPv6 it comes after the flow label.
        withUnsafeBytes(of: left.storage) { left in
            withUnsafeBytes(of: right.storage) { right in
                let range = Int32(left.load(as: sa_family_t.self)) == AF_INET ? 4..<8 : 8..<24
                return memcmp(left.baseAddress!, right.baseAddress!, 4) == 0
                    && memcmp(left.baseAddress! + range.lowerBound, right.baseAddress! + range.lowerBound, range.count)
                        == 0
            }
        }
    }
}
