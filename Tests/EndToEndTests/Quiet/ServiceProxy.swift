import Foundation
import Support

/// kube-proxy's part for one cluster IP: each connection goes to a random one of the backends that are ready.
final class ServiceProxy: Sendable {
    private let listener: Listener
    private let chosenFrom: Locked<[SocketAddress]>

    init() throws {
        let backends = Locked<[SocketAddress]>([])
        chosenFrom = backends
        listener = try Listener(host: LoopbackHosts.next(1)[0]) { client in
            // A Service without a backend refuses, and rightly so. Here it has none while all exporters start for the first
            // time, and what is asked of it waits.
            while backends.with(\.isEmpty) { guard client.pause(.milliseconds(20)) else { return } }
            guard let backend = backends.with({ $0.randomElement() }) else { return client.reset() }
            guard let server = try? Connection.open(to: backend, deadline: .now + .seconds(3)) else {
                return client.reset()
            }
            let ended = DispatchSemaphore(value: 0)
            Thread {
                copy(from: server, to: client)
                client.hangUp()
                ended.signal()
            }.start()
            copy(from: client, to: server)
            server.hangUp()
            // The listener closes the client's socket next, and its number may be another connection's then.
            ended.wait()
        }
    }

    deinit { listener.stop() }

    /// The Service's.
    var address: SocketAddress { listener.address }

    var backends: [SocketAddress] {
        get { chosenFrom.with { $0 } }
        set { chosenFrom.with { $0 = newValue } }
    }
}

extension ServiceProxy {
    /// Makes the recorded Service this one's, and the only one.
    func makeService(of services: inout ObjectList) throws {
        try services.keep { $0.name == "heartmesh" }
        try services.edit("heartmesh") { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
                .replacing(#"["10.96.47.6","fd00:96::4de0"]"#, with: #"["\#(address.host)"]"#)
                .replacing("10.96.47.6", with: address.host)
                .replacing(#""port":8900,"targetPort""#, with: #""port":\#(address.port),"targetPort""#)
            bytes = Array(text.utf8)
        }
    }
}

private func copy(from source: Connection, to sink: Connection) {
    while let bytes = try? source.read(), !bytes.isEmpty {
        guard (try? sink.write(bytes[...])) != nil else { return }
    }
}
