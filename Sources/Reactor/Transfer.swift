internal import CCurl
internal import Glibc

/// Takes what comes in on a transfer. Called on the loop.
package protocol TransferReceiver: AnyObject {
    /// One line of the reply's head, the status line included, with its end of line.
    func received(header line: UnsafeRawBufferPointer)

    /// A part of the reply's body.
    ///
    /// - Returns: False to end the transfer with the failure `body`.
    func received(body part: UnsafeRawBufferPointer) -> Bool

    /// The transfer is over; it may be started again from here.
    func finished(_ failure: TransferFailure?)
}

/// One HTTP transfer: a libcurl easy handle with its settings, used again and again.
///
/// Without redirects, retries, proxies from the environment, cookies, or a resolver's signals.
package final class Transfer {
    private(set) var handle: UnsafeMutableRawPointer
    /// Its place among the transfers under way; nil while it is idle.
    var index: Int?
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var connection: UnsafeMutablePointer<curl_slist>?
    private var parsedURL: ParsedURL?
    /// What socket(2) failed with in this transfer, 0 if it did not: libcurl keeps it to itself.
    private var socketErrno: Int32 = 0

    /// Not owned: it owns the transfer.
    unowned let receiver: any TransferReceiver
    /// The same while the transfer is under way.
    var keptReceiver: (any TransferReceiver)?

    package init(receiver: any TransferReceiver) {
        self.receiver = receiver
        guard let handle = curl_easy_init() else { preconditionFailure("curl_easy_init: out of memory") }
        self.handle = handle
        let context = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Each is looked up in the environment for each transfer unless it is set.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        // HTTP/2 has one connection for all requests, and libcurl goes on using it after one of them has timed out: from a
        // connection that died without a word, nothing would ever come again.
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        // A transfer that ends while a name is being resolved would wait, and the loop with it, for the resolver's thread.
        set(CURLOPT_QUICK_EXIT, 1)
        check(heartmesh_curl_set_pointer(handle, CURLOPT_PRIVATE, context))
        check(heartmesh_curl_set_pointer(handle, CURLOPT_HEADERDATA, context))
        check(heartmesh_curl_set_pointer(handle, CURLOPT_WRITEDATA, context))
        check(heartmesh_curl_set_data(handle, CURLOPT_HEADERFUNCTION, receivedHeader))
        check(heartmesh_curl_set_data(handle, CURLOPT_WRITEFUNCTION, receivedBody))
        check(heartmesh_curl_set_open_socket(handle, openSocket, context))
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        curl_slist_free_all(connection)
    }

    // MARK: Settings

    /// - Parameter url: Copied.
    package func setURL(_ url: String) {
        // One that is parsed would win.
        check(heartmesh_curl_set_pointer(handle, CURLOPT_CURLU, nil))
        parsedURL = nil
        set(CURLOPT_URL, url)
    }

    /// Kept until another URL is set: libcurl reads it when the transfer begins.
    package func setURL(_ url: ParsedURL) {
        parsedURL = url
        check(heartmesh_curl_set_pointer(handle, CURLOPT_CURLU, UnsafeMutableRawPointer(url.handle)))
    }

    /// - Parameter total: From the start to the last byte, the connection included.
    package func setTimeout(connect: Duration, total: Duration) {
        set(CURLOPT_CONNECTTIMEOUT_MS, connect.millisecondsRoundedUp)
        set(CURLOPT_TIMEOUT_MS, total.millisecondsRoundedUp)
    }

    /// A connection of its own, closed afterwards: one that is kept open hides lost SYNs, dead backends and broken NAT.
    package func setFreshConnection() {
        set(CURLOPT_FRESH_CONNECT, 1)
        set(CURLOPT_FORBID_REUSE, 1)
        // Numeric addresses go through the DNS cache too, and each transfer walks the whole cache at its end: with entries
        // that live for a minute, that is a quarter of the user time at 1,000 targets.
        set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        // One write: there is nothing that Nagle's algorithm could hold back, and a system call is saved.
        set(CURLOPT_TCP_NODELAY, 0)
    }

    /// - Parameter lines: `Name: value`; `Name:` takes away one that libcurl adds by itself.
    package func setHeaders(_ lines: [String]) {
        curl_slist_free_all(headers)
        headers = nil
        for line in lines { headers = curl_slist_append(headers, line) }
        check(heartmesh_curl_set_list(handle, CURLOPT_HTTPHEADER, headers))
    }

    package func setUserAgent(_ name: String) {
        set(CURLOPT_USERAGENT, name)
    }

    /// Bytes that libcurl reads at once, from 1,024: it keeps a buffer of this size for each handle.
    package func setReceiveBuffer(_ size: Int) {
        set(CURLOPT_BUFFERSIZE, size)
    }

    /// Asks for compressed answers; `received(body:)` gets them decompressed.
    package func setCompressed() {
        set(CURLOPT_ACCEPT_ENCODING, "gzip")
    }

    /// Certificates in PEM form that are trusted instead of the system's.
    package func setTrust(_ certificates: [UInt8]) {
        setBlob(CURLOPT_CAINFO_BLOB, certificates)
        // libcurl has a folder of trusted certificates compiled in, which would be trusted beside these.
        check(heartmesh_curl_set_string(handle, CURLOPT_CAPATH, nil))
    }

    /// Connects to another host than the URL's, which is then only the name that the server's certificate must carry.
    ///
    /// - Parameter host: A name or an address, IPv6 in brackets.
    package func setConnection(to host: String, port: Int) {
        curl_slist_free_all(connection)
        connection = curl_slist_append(nil, "::\(host):\(port)")
        check(heartmesh_curl_set_list(handle, CURLOPT_CONNECT_TO, connection))
    }

    /// A client certificate and its key in PEM form.
    package func setClientCertificate(_ certificate: [UInt8], key: [UInt8]) {
        setBlob(CURLOPT_SSLCERT_BLOB, certificate)
        setBlob(CURLOPT_SSLKEY_BLOB, key)
    }

    // MARK: Results

    /// The reply's status code; 0 without a reply.
    package var status: Int {
        var value = 0
        heartmesh_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &value)
        return value
    }

    /// From the start to the end of the last transfer.
    package var elapsed: Duration {
        var microseconds: curl_off_t = 0
        heartmesh_curl_get_offset(handle, CURLINFO_TOTAL_TIME_T, &microseconds)
        return .microseconds(microseconds)
    }

    /// The reply's `Retry-After`, whole seconds; zero when it has none.
    package var retryAfter: Duration {
        var seconds: curl_off_t = 0
        heartmesh_curl_get_offset(handle, CURLINFO_RETRY_AFTER, &seconds)
        return .seconds(seconds)
    }

    /// Bytes that came over the wire for the reply: its head and its body as it was sent, compressed or not.
    package var receivedBytes: Int {
        var head = 0
        var body: curl_off_t = 0
        heartmesh_curl_get_long(handle, CURLINFO_HEADER_SIZE, &head)
        heartmesh_curl_get_offset(handle, CURLINFO_SIZE_DOWNLOAD_T, &body)
        return head + Int(body)
    }

    func failure(for code: CURLcode) -> TransferFailure? {
        if code == CURLE_OK { return nil }
        var encrypted: curl_off_t = 0
        heartmesh_curl_get_offset(handle, CURLINFO_APPCONNECT_TIME_T, &encrypted)
        return TransferFailure(
            code, errno: connectionErrno != 0 ? connectionErrno : socketErrno, isEncrypted: encrypted > 0)
    }

    /// Forgets the last transfer's errors, before the next one.
    ///
    /// libcurl never clears a handle's errno: a failure that has none of its own would be blamed on an earlier one's. A
    /// copy of the handle has the same settings and no errno.
    func forgetErrors() {
        socketErrno = 0
        if connectionErrno == 0 { return }
        guard let copy = curl_easy_duphandle(handle) else { preconditionFailure("curl_easy_duphandle: out of memory") }
        curl_easy_cleanup(handle)
        handle = copy
    }

    private var connectionErrno: Int32 {
        var number = 0
        heartmesh_curl_get_long(handle, CURLINFO_OS_ERRNO, &number)
        return Int32(number)
    }

    fileprivate func makeSocket(_ address: curl_sockaddr) -> curl_socket_t {
        let number = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
        if number == -1 { socketErrno = errno }
        return number
    }

    private func set(_ option: CURLoption, _ value: Int) {
        check(heartmesh_curl_set_long(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) {
        check(heartmesh_curl_set_string(handle, option, value))
    }

    private func setBlob(_ option: CURLoption, _ bytes: [UInt8]) {
        check(heartmesh_curl_set_blob(handle, option, bytes, bytes.count))
    }

    private func check(_ code: CURLcode) {
        precondition(code == CURLE_OK, String(cString: curl_easy_strerror(code)))
    }
}

private func openSocket(
    _ context: UnsafeMutableRawPointer?, _: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue().makeSocket(address!.pointee)
}

private func receivedHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue().receiver
        .received(header: UnsafeRawBufferPointer(start: bytes, count: count))
    return count
}

private func receivedBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    let taken = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue().receiver
        .received(body: UnsafeRawBufferPointer(start: bytes, count: count))
    return taken ? count : -1
}
