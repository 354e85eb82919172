internal import CMicrohttpd
internal import Glibc
package import Mesh

/// One request, as long as the call to its handler lasts. Nothing is copied unless it is asked for.
package struct Request {
    package enum Method: Sendable {
        case get, head, post, put, other
    }

    private let connection: OpaquePointer
    private let url: UnsafePointer<CChar>
    package let method: Method
    /// Bytes of the request's body, which itself is not kept.
    package let bodySize: Int

    init(connection: OpaquePointer, url: UnsafePointer<CChar>, method: UnsafePointer<CChar>, bodySize: Int) {
        self.connection = connection
        self.url = url
        self.bodySize = bodySize
        self.method =
            if strcmp(method, "GET") == 0 {
                .get
            } else if strcmp(method, "HEAD") == 0 {
                .head
            } else if strcmp(method, "POST") == 0 {
                .post
            } else if strcmp(method, "PUT") == 0 {
                .put
            } else {
                .other
            }
    }

    /// Without the query, decoded.
    package var path: String { String(cString: url) }

    /// The value of a parameter of the query; nil when it is absent, empty when it has no value.
    package func parameter(_ name: String) -> String? {
        var value: UnsafePointer<CChar>?
        var size = 0
        guard
            MHD_lookup_connection_value_n(
                connection, .GET_ARGUMENT_KIND, name, name.utf8.count, &value, &size) == .YES
        else { return nil }
        return value.map { String(cString: $0) } ?? ""
    }

    /// The family that the client used; on a socket for both, IPv4 comes as IPv6 (`::ffff:192.0.2.1`).
    package var family: IPFamily {
        guard let address = heartmesh_mhd_client_address(connection) else { return .ipv4 }
        guard Int32(address.pointee.sa_family) == AF_INET6 else { return .ipv4 }
        return UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
            withUnsafeBytes(of: pointer.pointee.sin6_addr) { bytes in
                bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff ? .ipv4 : .ipv6
            }
        }
    }
}
