internal import Glibc

extension Socket {
    /// Sends on a socket that is connected: one datagram, or as much of a stream as the kernel takes.
    ///
    /// - Returns: The number of bytes.
    /// - Throws: On a socket for datagrams also what the network said of an earlier one (udp(7)).
    package func send(_ bytes: [UInt8]) throws(SystemError) -> Int {
        while true {
            let count = bytes.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count >= 0 { return count }
            let error = errno
            if error != EINTR { throw SystemError("send", errno: error) }
        }
    }

    /// Receives from a socket that is connected: one datagram, cut to the buffer, or a part of a stream.
    ///
    /// - Returns: The number of bytes; 0 at the end of a stream; nil when there is nothing yet.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        while true {
            let count = recv(number, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count }
            let error = errno
            if error == EAGAIN { return nil }
            if error != EINTR { throw SystemError("recv", errno: error) }
        }
    }
}
