internal import CCurl
internal import CLinux
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
    var headers: UnsafeMutablePointer<curl_slist>?
    /// Where to connect for a URL that does not say so itself; nil: to its host.
    var connection: UnsafeMutablePointer<curl_slist>?
    /// Where libcurl was told to connect: one of these two, not owned.
    var place: UnsafeMutablePointer<curl_slist>?
    var parsedURL: ParsedURL?
    /// It ends with the connection, which then is the receiver's.
    var isConnectionOnly = false
    /// Where libcurl says more of an error than its code does.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    /// What socket(2) failed with in this transfer, 0 if it did not: libcurl keeps it to itself.
    private var socketErrno: Int32 = 0
    var connections = ConnectionWatch(startedAt: .never)
    /// Whether it is counted what the kernel sends again: two system calls for each connection.
    package var countsRetransmissions = false

    /// Bytes of a reply's head that are taken, interim replies included; 0: as many as libcurl takes.
    var headLimit = 0
    private var headCount = 0

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
        check(heartmesh_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        check(heartmesh_curl_set_pointer(handle, CURLOPT_PRIVATE, context))
        check(heartmesh_curl_set_pointer(handle, CURLOPT_HEADERDATA, context))
        check(heartmesh_curl_set_pointer(handle, CURLOPT_WRITEDATA, context))
        check(heartmesh_curl_set_data(handle, CURLOPT_HEADERFUNCTION, receivedHeader))
        check(heartmesh_curl_set_data(handle, CURLOPT_WRITEFUNCTION, receivedBody))
        check(heartmesh_curl_set_open_socket(handle, openSocket, context))
    }

    deinit {
        curl_easy_cleanup(handle)
        errorText.deallocate()
        curl_slist_free_all(headers)
        curl_slist_free_all(connection)
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

    /// Of the last transfer, whatever came of it; only where they are counted.
    package var retransmissions: Retransmissions { connections.retransmissions }

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
        // Otherwise libcurl's word for it would be the one for a body that is not wanted.
        let code = isHeadTooLong ? CURLE_WEIRD_SERVER_REPLY : code
        return TransferFailure(
            code, errno: connectionErrno != 0 ? connectionErrno : socketErrno, isEncrypted: encrypted > 0,
            text: errorText)
    }

    /// Forgets the last transfer's errors and connections, before the next one.
    ///
    /// libcurl never clears a handle's errno: a failure that has none of its own would be blamed on an earlier one's. A
    /// copy of the handle has the same settings and no errno.
    func forgetLast(at now: Instant) {
        socketErrno = 0
        connections = ConnectionWatch(startedAt: now)
        headCount = 0
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

    private var isHeadTooLong: Bool { headLimit > 0 && headCount > headLimit }

    /// - Returns: Whether it is wanted.
    fileprivate func received(header line: UnsafeRawBufferPointer) -> Bool {
        headCount += line.count
        if isHeadTooLong { return false }
        receiver.received(header: line)
        return true
    }

    fileprivate func makeSocket(_ address: curl_sockaddr) -> curl_socket_t {
        let number = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
        if number == -1 { socketErrno = errno }
        connections.opened(number)
        return number
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
    let taken = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
        .received(header: UnsafeRawBufferPointer(start: bytes, count: count))
    return taken ? count : -1
}

private func receivedBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    let taken = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue().receiver
        .received(body: UnsafeRawBufferPointer(start: bytes, count: count))
    return taken ? count : -1
}
