internal import CMicrohttpd
internal import Glibc
package import Reactor

/// Answers the requests of an HTTP server. Called on the loop.
package protocol RequestHandler: AnyObject {
    func reply(to request: Request) -> Reply
}

/// libmicrohttpd on the loop: its own epoll descriptor is watched like any other, and it runs when that one is readable.
package final class HTTPServer: ReadinessHandler {
    /// A request's body; more is answered with 413.
    package static let bodyLimit = 64 << 10

    /// Nil before it has started and after it has stopped.
    private var daemon: OpaquePointer?
    private let loop: EventLoop
    private var alarm: Alarm!
    private unowned let handler: any RequestHandler
    /// Of the connections on which an answer is under way whose end somebody waits for.
    private var whenSent: [OpaquePointer: () -> Void] = [:]

    /// Opens the socket and starts to answer.
    ///
    /// - Parameter handler: Not owned; outlives the server.
    /// - Parameter connectionMemory: Bytes for the head of each connection's request and reply.
    package init(
        _ address: ListenAddress, on loop: EventLoop, connectionMemory: Int = 8 << 10, handler: any RequestHandler
    ) throws(SystemError) {
        self.loop = loop
        self.handler = handler
        let listener = try address.listen().release()
        let context = Unmanaged.passUnretained(self).toOpaque()
        daemon = heartmesh_mhd_start(listener, forwardRequest, forwardEnd, context, connectionMemory, 1024, 10)
        guard let daemon else {
            close(listener)
            throw SystemError("start the server on \(address)", errno: errno)
        }
        let descriptor = heartmesh_mhd_epoll_descriptor(daemon)
        precondition(descriptor >= 0, "libmicrohttpd was built without epoll")
        alarm = loop.alarm { [unowned self] in run() }
        loop.watch(descriptor, for: .readable, handler: self)
    }

    /// Closes the socket and all connections. Until then the loop keeps the server alive.
    package func stop() {
        guard let daemon else { return }
        self.daemon = nil
        loop.forget(heartmesh_mhd_epoll_descriptor(daemon))
        loop.remove(alarm)
        MHD_stop_daemon(daemon)
    }

    deinit {
        stop()
    }

    package func ready(_ descriptor: Int32, for readiness: Readiness) {
        run()
    }

    private func run() {
        guard let daemon else { return }
        MHD_run(daemon)
        var milliseconds: UInt64 = 0
        let waits = MHD_get_timeout(daemon, &milliseconds) == .YES
        alarm.deadline = waits ? loop.now + .milliseconds(Int64(clamping: milliseconds)) : .never
    }

    /// libmicrohttpd calls this once for a request's head, then for each part of its body, then once more.
    ///
    /// `state` counts the body's bytes, plus one: so nothing is allocated for a request. The answer waits for the last
    /// call: one that is queued in the first makes libmicrohttpd close the connection.
    fileprivate func answer(
        _ connection: OpaquePointer, _ url: UnsafePointer<CChar>, _ method: UnsafePointer<CChar>,
        _ uploadSize: UnsafeMutablePointer<Int>, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        guard let counted = state.pointee else {
            state.pointee = UnsafeMutableRawPointer(bitPattern: 1)
            let announced = MHD_lookup_connection_value(connection, .HEADER_KIND, "Content-Length")
            if let announced, (Int(String(cString: announced)) ?? .max) > HTTPServer.bodyLimit {
                return Reply.tooLarge.queue(on: connection)
            }
            return .YES
        }
        if uploadSize.pointee > 0 {
            let sum = Int(bitPattern: counted) + uploadSize.pointee
            uploadSize.pointee = 0
            state.pointee = UnsafeMutableRawPointer(bitPattern: sum)
            // A body whose size was not announced is cut off: there is no way to answer in its middle.
            return sum - 1 <= HTTPServer.bodyLimit ? .YES : .NO
        }
        let request = Request(
            connection: connection, url: url, method: method, bodySize: Int(bitPattern: counted) - 1)
        let reply = handler.reply(to: request)
        if let action = reply.whenSent { whenSent[connection] = action }
        return reply.queue(on: connection)
    }

    fileprivate func ended(_ connection: OpaquePointer, isSent: Bool) {
        // As after nearly all requests, which are probes.
        if whenSent.isEmpty { return }
        let action = whenSent.removeValue(forKey: connection)
        if isSent { action?() }
    }
}

private func forwardRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
    _ uploadSize: UnsafeMutablePointer<Int>?, _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    Unmanaged<HTTPServer>.fromOpaque(context!).takeUnretainedValue()
        .answer(connection!, url!, method!, uploadSize!, state!)
}

private func forwardEnd(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ end: MHD_RequestTerminationCode
) {
    Unmanaged<HTTPServer>.fromOpaque(context!).takeUnretainedValue()
        .ended(connection!, isSent: end == .REQUEST_TERMINATED_COMPLETED_OK)
}
