internal import Mesh
internal import Reactor

/// Answers the UDP probes that come to one socket. What is no whole request gets nothing.
final class EchoServer: ReadinessHandler {
    /// Datagrams that are taken in one turn of the loop, so that a flood does not keep it from everything else.
    private static let turnLimit = 64

    private let socket: DatagramSocket
    private let family: IPFamily
    private let loop: EventLoop
    private unowned let responder: Responder
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Beat.requestSize, alignment: 8)
    private var datagram = Datagram()

    /// - Parameter responder: Not owned; outlives the server.
    init(_ socket: consuming DatagramSocket, _ family: IPFamily, on loop: EventLoop, responder: Responder) {
        self.socket = socket
        self.family = family
        self.loop = loop
        self.responder = responder
        loop.watch(self.socket.number, for: .readable, handler: self)
    }

    /// Ends it. Until then the loop keeps the server alive.
    func stop() {
        loop.forget(socket.number)
    }

    deinit {
        buffer.deallocate()
    }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        for _ in 0..<EchoServer.turnLimit {
            guard let size = socket.receive(into: buffer, &datagram) else { return }
            guard size == Beat.requestSize, let request = Beat(UnsafeRawBufferPointer(buffer)),
                request.kind == .request
            else { continue }
            if request.report.flow != 0 { responder.onReport?(request.report, datagram.arrival()) }
            let count = responder.write(reply: request, family, from: datagram.peer, to: buffer)
            if socket.reply(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: datagram) {
                responder.onEcho?(family)
            }
        }
    }
}

extension Responder {
    /// Writes the reply over the request.
    ///
    /// - Returns: The reply's size.
    fileprivate func write(
        reply request: Beat, _ family: IPFamily, from peer: Endpoint, to buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        let sender = Mesh.Identity.node(in: Beat.identity(in: UnsafeRawBufferPointer(buffer)), mesh: datagramMesh)
        let window = flows.received(
            request.sequence, of: request.flow, node: sender.map { stableHash($0) }, family: family,
            address: peer.withAddress { stableHash($0) })
        Beat(
            .reply, flow: request.flow, sequence: request.sequence, nonce: request.nonce,
            report: Beat.Report(flow: request.flow, window: window)
        ).write(to: buffer)
        buffer[Beat.headerSize...].copyBytes(from: datagramIdentity)
        return Beat.headerSize + datagramIdentity.count
    }
}
