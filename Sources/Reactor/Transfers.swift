internal import CCurl

/// libcurl's multi handle on the loop (`curl_multi_socket_action`): starts transfers and tells each when it is done.
package final class Transfers: ReadinessHandler {
    private let multi: UnsafeMutableRawPointer
    private let loop: EventLoop
    private var alarm: Alarm!
    /// Those under way; a transfer knows its place in here.
    private var active: [Transfer] = []

    /// - Parameter loop: Outlives the transfers.
    package init(on loop: EventLoop) {
        precondition(curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, "curl_global_init")
        guard let multi = curl_multi_init() else { preconditionFailure("curl_multi_init: out of memory") }
        self.multi = multi
        self.loop = loop
        alarm = loop.alarm { [unowned self] in act(on: CURL_SOCKET_TIMEOUT, 0) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        check(heartmesh_curl_multi_set_socket(multi, forwardSocket, context))
        check(heartmesh_curl_multi_set_timer(multi, forwardTimer, context))
        // Connections that probes leave open on purpose are few; the API server's and the next are enough.
        check(heartmesh_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 4))
    }

    deinit {
        // Each lets go of its receiver, which it keeps while it is under way.
        while let transfer = active.last { remove(transfer) }
        curl_multi_cleanup(multi)
        loop.remove(alarm)
    }

    package var activeCount: Int { active.count }

    /// Starts a transfer and keeps its receiver until it is over. The receiver is told on the loop, never from within this call.
    package func start(_ transfer: Transfer) {
        precondition(transfer.index == nil, "a transfer is started once at a time")
        transfer.forgetLast(at: loop.now)
        transfer.index = active.count
        transfer.keptReceiver = transfer.receiver
        active.append(transfer)
        check(curl_multi_add_handle(multi, transfer.handle))
    }

    /// Ends a transfer without an outcome; the receiver is told nothing.
    package func cancel(_ transfer: Transfer) {
        guard transfer.index != nil else { return }
        if transfer.countsRetransmissions { transfer.connections.look() }
        remove(transfer)
    }

    package func ready(_ descriptor: Int32, for readiness: Readiness) {
        var mask: Int32 = 0
        if readiness.contains(.readable) || readiness.contains(.hungUp) { mask |= CURL_CSELECT_IN }
        if readiness.contains(.writable) { mask |= CURL_CSELECT_OUT }
        if readiness.contains(.failed) { mask |= CURL_CSELECT_ERR }
        act(on: descriptor, mask)
    }

    private func act(on socket: curl_socket_t, _ mask: Int32) {
        var running: Int32 = 0
        check(curl_multi_socket_action(multi, socket, mask, &running))
        // Drained to the end: libcurl says only once that there is something to read.
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            // Removing the handle frees the message.
            let code = message.pointee.data.result
            var context: UnsafeMutableRawPointer?
            heartmesh_curl_get_pointer(message.pointee.easy_handle, CURLINFO_PRIVATE, &context)
            let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
            let receiver = transfer.receiver
            // A connection alone stays for as long as its handle is libcurl's: until `cancel`.
            if code != CURLE_OK || !transfer.isConnectionOnly { remove(transfer) }
            receiver.finished(transfer.failure(for: code))
        }
    }

    private func remove(_ transfer: Transfer) {
        let index = transfer.index!
        let last = active.removeLast()
        if last !== transfer {
            active[index] = last
            last.index = index
        }
        transfer.index = nil
        transfer.keptReceiver = nil
        check(curl_multi_remove_handle(multi, transfer.handle))
    }

    fileprivate func socketChanged(_ handle: UnsafeMutableRawPointer?, _ socket: curl_socket_t, to what: Int32) {
        look(at: socket, of: handle, what)
        switch what {
        case CURL_POLL_IN: loop.watch(socket, for: .readable, handler: self)
        case CURL_POLL_OUT: loop.watch(socket, for: .writable, handler: self)
        case CURL_POLL_INOUT: loop.watch(socket, for: [.readable, .writable], handler: self)
        default: loop.forget(socket)
        }
    }

    private func look(at socket: curl_socket_t, of handle: UnsafeMutableRawPointer?, _ what: Int32) {
        // Connecting, as each socket is first.
        if what == CURL_POLL_OUT { return }
        // libcurl has a handle of its own for connections that it kept; that one has no transfer.
        var context: UnsafeMutableRawPointer?
        heartmesh_curl_get_pointer(handle, CURLINFO_PRIVATE, &context)
        guard let context else { return }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        if !transfer.countsRetransmissions { return }
        if what == CURL_POLL_REMOVE {
            transfer.connections.ended(socket)
        } else {
            transfer.connections.stands(socket, at: loop.now)
        }
    }

    fileprivate func timerChanged(to milliseconds: Int) {
        alarm.deadline = milliseconds < 0 ? .never : loop.now + .milliseconds(milliseconds)
    }

    private func check(_ code: CURLMcode) {
        precondition(code == CURLM_OK, String(cString: curl_multi_strerror(code)))
    }
}

private func forwardSocket(
    _ handle: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: Int32,
    _ context: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?
) -> Int32 {
    Unmanaged<Transfers>.fromOpaque(context!).takeUnretainedValue().socketChanged(handle, socket, to: what)
    return 0
}

private func forwardTimer(
    _: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    Unmanaged<Transfers>.fromOpaque(context!).takeUnretainedValue().timerChanged(to: milliseconds)
    return 0
}
