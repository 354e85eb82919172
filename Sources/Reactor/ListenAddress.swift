internal import Glibc

/// Where a server listens: `:9873` (all addresses of both families), `192.0.2.1:9873`, `[2001:db8::1]:9873`.
package struct ListenAddress: CustomStringConvertible, Sendable {
    package let description: String
    private let host: String
    private let port: UInt16

    /// - Throws: A message that says what is wrong with the text. Names are refused: a server that comes up on another
    ///   address when DNS changes, or not at all when DNS is down, is no help in an outage.
    package init(_ text: String) throws(Invalid) {
        guard let colon = text.lastIndex(of: ":") else { throw Invalid(text, "it has no port") }
        let digits = text[text.index(after: colon)...]
        // The integer's own reader takes signs: `+80`, `-0`.
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else {
            throw Invalid(text, "its port is not a number from 0 to 65535")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":") else { throw Invalid(text, "brackets are for IPv6 addresses") }
        } else if host.contains(":") {
            throw Invalid(text, "an IPv6 address is written in brackets")
        }
        self.description = text
        self.host = host
        self.port = port
        guard host.isEmpty || address() != nil else { throw Invalid(text, "its host is not an IP address") }
    }

    package struct Invalid: Error, CustomStringConvertible {
        package let description: String

        init(_ text: String, _ problem: String) {
            description = "\"\(text)\" is not a listen address such as :9873 or [::1]:9873: \(problem)"
        }
    }

    /// Opens a listening socket, non-blocking.
    ///
    /// Without a host it takes both families on one socket; on a machine without IPv6, IPv4 alone.
    package func listen() throws(SystemError) -> Descriptor {
        if let address = address() { return try listen(address, dualStack: false) }
        var any6 = sockaddr_storage()
        withUnsafeMutablePointer(to: &any6) { pointer in
            pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                $0.pointee.sin6_family = sa_family_t(AF_INET6)
                $0.pointee.sin6_port = port.bigEndian
            }
        }
        do {
            return try listen(any6, dualStack: true)
        } catch  where error.errno == EAFNOSUPPORT || error.errno == EADDRNOTAVAIL {
            var any4 = sockaddr_storage()
            withUnsafeMutablePointer(to: &any4) { pointer in
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    $0.pointee.sin_family = sa_family_t(AF_INET)
                    $0.pointee.sin_port = port.bigEndian
                }
            }
            return try listen(any4, dualStack: false)
        }
    }

    private func listen(_ address: sockaddr_storage, dualStack: Bool) throws(SystemError) -> Descriptor {
        let operation = "listen on \(description)"
        let number = try systemCall(operation) {
            socket(
                Int32(address.ss_family), Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
                0)
        }
        let descriptor = Descriptor(owning: number)
        var one: Int32 = 1
        var only6: Int32 = dualStack ? 0 : 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        try systemCall(operation) { setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, size) }
        if Int32(address.ss_family) == AF_INET6 {
            try systemCall(operation) { setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only6, size) }
        }
        try withUnsafePointer(to: address) { (pointer) throws(SystemError) in
            let length = socklen_t(
                Int32(address.ss_family) == AF_INET6
                    ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
            try systemCall(operation) {
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, length) }
            }
        }
        try systemCall(operation) { Glibc.listen(number, SOMAXCONN) }
        return descriptor
    }

    /// Opens a UDP socket for each address family that is listened on. Without a host both, unless the machine has only
    /// one.
    ///
    /// Each family has its own: so an answer leaves from the address that was asked, of either.
    package func datagramSockets(
        _ take: (consuming DatagramSocket, _ isIPv6: Bool) -> Void
    ) throws(SystemError) {
        if let address = address() {
            return take(try datagramSocket(address), Int32(address.ss_family) == AF_INET6)
        }
        take(try datagramSocket(anyAddress(AF_INET)), false)
        do {
            take(try datagramSocket(anyAddress(AF_INET6)), true)
        } catch  where error.errno == EAFNOSUPPORT || error.errno == EADDRNOTAVAIL {
            return
        }
    }

    private func datagramSocket(_ address: sockaddr_storage) throws(SystemError) -> DatagramSocket {
        let isIPv6 = Int32(address.ss_family) == AF_INET6
        let socket = try DatagramSocket(family: Int32(address.ss_family), aid: .localAddresses)
        let length = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        let number = socket.number
        try withUnsafePointer(to: address) { (pointer) throws(SystemError) in
            _ = try systemCall("listen on \(description) over UDP") {
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, socklen_t(length)) }
            }
        }
        return socket
    }

    private func anyAddress(_ family: Int32) -> sockaddr_storage {
        var name = sockaddr_storage()
        withUnsafeMutableBytes(of: &name) { bytes in
            // Family and port are at the same places in both.
            bytes.storeBytes(of: sa_family_t(family), as: sa_family_t.self)
            bytes.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
        }
        return name
    }

    private func address() -> sockaddr_storage? {
        var storage = sockaddr_storage()
        return withUnsafeMutablePointer(to: &storage) { pointer in
            let is4 = pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                $0.pointee.sin_family = sa_family_t(AF_INET)
                $0.pointee.sin_port = port.bigEndian
                return inet_pton(AF_INET, host, &$0.pointee.sin_addr) == 1
            }
            if is4 { return pointer.pointee }
            let is6 = pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                $0.pointee.sin6_family = sa_family_t(AF_INET6)
                $0.pointee.sin6_port = port.bigEndian
                $0.pointee.sin6_flowinfo = 0
                return inet_pton(AF_INET6, host, &$0.pointee.sin6_addr) == 1
            }
            return is6 ? pointer.pointee : nil
        }
    }
}
