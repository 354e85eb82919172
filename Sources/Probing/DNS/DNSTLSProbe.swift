internal import Reactor

/// One question over TLS (RFC 7858): libcurl makes the connection, the question and its answer go over it here.
final class DNSTLSProbe: DNSTransferProbe, ReadinessHandler {
    private var stream = DNSStream()
    private var socket: Int32?

    init(_ probes: DNSTransferProbes, trust: Trust) {
        super.init(probes, trust: trust, isHTTPS: false)
        transfer.setConnectionOnly()
    }

    /// The connection stands, or it never will.
    override func finished(_ failure: TransferFailure?) {
        if let failure { return probes.finished(self, .failure(failure)) }
        guard let socket = transfer.connectionSocket else { preconditionFailure("a connection without a socket") }
        stream = DNSStream()
        let message = query.message(isFramed: true)
        // One record on a new connection; the kernel takes it at once.
        guard transfer.send(message) == .bytes(message.count) else { return probes.finished(self, .closed) }
        self.socket = socket
        probes.loop.watch(socket, for: .readable, handler: self)
    }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        // What TLS has read and not given out yet makes no socket readable: to the end.
        while true {
            switch transfer.receive(into: probes.buffer) {
            case .waits: return
            case .bytes(0): return probes.finished(self, .closed)
            case .failed(let errno): return probes.finished(self, .error(errno: errno))
            case .bytes(let count):
                var portion = UnsafeRawBufferPointer(rebasing: probes.buffer[..<count])
                guard let message = stream.next(from: &portion) else { continue }
                return probes.finished(self, message.withUnsafeBytes { judge($0) })
            }
        }
    }

    override func end(on loop: EventLoop) {
        guard let socket = socket.take() else { return }
        loop.forget(socket)
    }
}
