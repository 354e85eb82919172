internal import CCurl

/// The parts of a transfer's time, one after the other, in nanoseconds. Together they are its whole time.
package struct Phases: Equatable, Sendable {
    /// From the start until the connection stood.
    package var connect: Int64
    /// The TLS handshake; 0 without encryption.
    package var tls: Int64
    /// Until the first byte of the reply: the request's way there, the server, the way back.
    package var server: Int64
    /// Until the last byte.
    package var transfer: Int64

    package init(connect: Int64, tls: Int64, server: Int64, transfer: Int64) {
        self.connect = connect
        self.tls = tls
        self.server = server
        self.transfer = transfer
    }

    /// From libcurl's times, each from the start of the transfer, in microseconds; 0: it has not come to that.
    init(connected: Int64, encrypted: Int64, firstByte: Int64, total: Int64) {
        // Each is taken by a clock of its own; they are not to overtake each other.
        let connected = min(connected, total)
        let encrypted = min(max(encrypted, connected), total)
        let firstByte = min(max(firstByte, encrypted), total)
        self.init(
            connect: connected * 1000, tls: (encrypted - connected) * 1000, server: (firstByte - encrypted) * 1000,
            transfer: (total - firstByte) * 1000)
    }
}

extension Transfer {
    /// Of the last transfer, which succeeded and had no name to resolve.
    package var phases: Phases {
        Phases(
            connected: time(CURLINFO_CONNECT_TIME_T), encrypted: time(CURLINFO_APPCONNECT_TIME_T),
            firstByte: time(CURLINFO_STARTTRANSFER_TIME_T), total: time(CURLINFO_TOTAL_TIME_T))
    }

    private func time(_ info: CURLINFO) -> Int64 {
        var microseconds: curl_off_t = 0
        heartmesh_curl_get_offset(handle, info, &microseconds)
        return Int64(microseconds)
    }
}
