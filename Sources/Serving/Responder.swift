package import Mesh
package import Reactor

/// Answers probes: says who it is, on every path, and nothing else.
///
/// - `GET`, `HEAD`: a JSON document with the same as the `Heartmesh` header; with `?size=N` a body of N bytes.
/// - `POST`: the same, and it takes a body and says its size in the header `Heartmesh-Received`.
///
/// Bodies go up to `HTTPServer.bodyLimit` both ways.
///
/// On the same addresses it answers UDP probes (see `Beat`).
package final class Responder: RequestHandler {
    /// Who this responder is.
    package struct Identity: Equatable, Sendable {
        package var mesh: String
        package var node: String
        package var zone: String
        /// The pod's UID; empty outside of Kubernetes.
        package var uid: String
        package var state = "active"

        package init(mesh: String, node: String, zone: String, uid: String) {
            self.mesh = mesh
            self.node = node
            self.zone = zone
            self.uid = uid
        }

        var header: String { Mesh.Identity.header(mesh: mesh, node: node, zone: zone, uid: uid, state: state) }

        var datagram: [UInt8] { Array(Mesh.Identity.datagram(mesh: mesh, node: node, state: state).utf8) }

        /// Names are tokens: nothing has to be escaped.
        var json: String {
            #"{"mesh":"\#(mesh)","node":"\#(node)","zone":"\#(zone)","uid":"\#(uid)","state":"\#(state)"}"# + "\n"
        }
    }

    package var identity: Identity {
        didSet {
            if identity == oldValue { return }
            plain = Responder.plain(identity)
            datagramIdentity = identity.datagram
        }
    }

    /// Is told of each request, to count it.
    package var onRequest: ((IPFamily) -> Void)?
    /// The same of each UDP probe that was answered.
    package var onEcho: ((IPFamily) -> Void)?
    /// Is told what others report of the flows of this process' own probes, and when that came.
    package var onReport: ((Beat.Report, Instant) -> Void)?
    /// What has arrived of the flows of others.
    package let flows: FlowTable

    /// The reply that nearly all probes get, made once.
    private var plain: Reply
    private let padding: UnsafeMutableRawBufferPointer
    private var servers: [HTTPServer] = []
    private var echoes: [EchoServer] = []
    /// What a reply over UDP says of itself.
    private(set) var datagramIdentity: [UInt8]
    /// How such a text starts in this mesh.
    let datagramMesh: [UInt8]

    package init(_ identity: Identity, flows: FlowTable = FlowTable()) {
        self.identity = identity
        self.flows = flows
        datagramIdentity = identity.datagram
        datagramMesh = Mesh.Identity.prefix(mesh: identity.mesh)
        plain = Responder.plain(identity)
        padding = .allocate(byteCount: HTTPServer.bodyLimit, alignment: 1)
        for index in padding.indices { padding[index] = UInt8(ascii: "a") + UInt8(index % 26) }
    }

    deinit {
        stop()
        padding.deallocate()
    }

    package func listen(on address: ListenAddress, _ loop: EventLoop) throws(SystemError) {
        // A probe's head is a few hundred bytes; what libmicrohttpd needs beside it fits too.
        servers.append(try HTTPServer(address, on: loop, connectionMemory: 4 << 10, handler: self))
        try address.datagramSockets { socket, isIPv6 in
            echoes.append(EchoServer(socket, isIPv6 ? .ipv6 : .ipv4, on: loop, responder: self))
        }
    }

    package func stop() {
        for server in servers { server.stop() }
        servers = []
        for echo in echoes { echo.stop() }
        echoes = []
    }

    package func reply(to request: Request) -> Reply {
        onRequest?(request.family)
        let size = request.parameter("size")
        switch request.method {
        case .get, .head:
            return size.map { sized($0, []) } ?? plain
        case .post:
            let received = (Mesh.Identity.receivedHeaderName, String(request.bodySize))
            if let size { return sized(size, [received]) }
            return Reply(
                contentType: "application/json", headers: [(Mesh.Identity.headerName, identity.header), received],
                body: Array(identity.json.utf8))
        case .put, .other:
            return Reply(status: 405, "GET, HEAD and POST are answered here.\n")
        }
    }

    /// As many bytes as are asked for.
    private func sized(_ text: String, _ headers: [(String, String)]) -> Reply {
        guard let size = Int(text), (0...HTTPServer.bodyLimit).contains(size) else {
            return Reply(status: 400, "size is not a number from 0 to \(HTTPServer.bodyLimit).\n")
        }
        return Reply(
            sharing: UnsafeRawBufferPointer(rebasing: padding[..<size]), contentType: "application/octet-stream",
            headers: [(Mesh.Identity.headerName, identity.header)] + headers)
    }

    private static func plain(_ identity: Identity) -> Reply {
        Reply(
            contentType: "application/json", headers: [(Mesh.Identity.headerName, identity.header)],
            body: Array(identity.json.utf8))
    }
}
