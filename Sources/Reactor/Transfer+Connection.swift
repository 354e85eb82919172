internal import CCurl
internal import Glibc

/// Transfers that make a connection with TLS and leave the rest to their receiver.
extension Transfer {
    /// `finished(nil)` then means that the connection stands. It ends with `Transfers.cancel`, which is called in any case
    /// but a failure.
    package func setConnectionOnly() {
        isConnectionOnly = true
        set(CURLOPT_CONNECT_ONLY, 1)
        // libcurl would close it at once. A connection that was made in this way is never used again by itself.
        set(CURLOPT_FRESH_CONNECT, 1)
        set(CURLOPT_FORBID_REUSE, 0)
        // What is spoken over it is not HTTP, as libcurl would tell the server (RFC 7301).
        set(CURLOPT_SSL_ENABLE_ALPN, 0)
    }

    /// The connection's socket, which is the receiver's to watch from `finished` on; nil without a connection.
    package var connectionSocket: Int32? {
        var number = CURL_SOCKET_BAD
        heartmesh_curl_get_socket(handle, &number)
        return number == CURL_SOCKET_BAD ? nil : number
    }

    /// What came of sending or receiving on a connection.
    package enum Progress: Equatable {
        case bytes(Int)
        /// Nothing goes or comes now.
        case waits
        case failed(errno: Int32)
    }

    /// - Returns: Never 0 bytes.
    package func send(_ bytes: [UInt8]) -> Progress {
        var count = 0
        Glibc.errno = 0
        let code = bytes.withUnsafeBytes { curl_easy_send(handle, $0.baseAddress, $0.count, &count) }
        return progress(code, count)
    }

    /// - Returns: 0 bytes at the end of the stream.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
        var count = 0
        Glibc.errno = 0
        return progress(curl_easy_recv(handle, buffer.baseAddress, buffer.count, &count), count)
    }

    private func progress(_ code: CURLcode, _ count: Int) -> Progress {
        switch code {
        case CURLE_OK: .bytes(count)
        case CURLE_AGAIN: .waits
        // TLS that ends without a farewell has no number.
        default: .failed(errno: Glibc.errno == 0 || Glibc.errno == EAGAIN ? ECONNRESET : Glibc.errno)
        }
    }
}
