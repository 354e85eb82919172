internal import Glibc

/// Segments that this machine's kernel has sent again on TCP connections.
package struct Retransmissions: Equatable, Sendable {
    /// Before the connection stood: SYNs.
    package var connect: Int
    /// Since then: of the request, and of the TLS handshake.
    package var data: Int

    package init(connect: Int = 0, data: Int = 0) {
        self.connect = connect
        self.data = data
    }

    package var isEmpty: Bool { connect == 0 && data == 0 }

    static func + (left: Retransmissions, right: Retransmissions) -> Retransmissions {
        Retransmissions(connect: left.connect + right.connect, data: left.data + right.data)
    }
}

/// What the kernel has sent again on a TCP socket until now, SYNs included (`tcpi_total_retrans` of TCP_INFO, tcp(7)).
///
/// glibc's structure ends with this very number, and the kernel copies no more than what is asked for.
///
/// - Returns: Nil when the descriptor is closed or is no TCP socket.
func retransmittedSegments(on descriptor: Int32) -> Int? {
    var info = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    let result = getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &size)
    return result == 0 ? Int(info.tcpi_total_retrans) : nil
}
