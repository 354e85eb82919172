/// A server whose every answer is spelled out: another program on a peer's address, a broken one, or none that speaks
/// HTTP at all.
package final class StubServer: Sendable {
    package enum Step: Equatable, Sendable {
        case wait(Duration)
        case bytes([UInt8])
        /// A FIN.
        case close
        /// A RST.
        case reset
        /// Nothing more, until the client goes away.
        case hang
    }

    private let listener: Listener
    private let log: Locked<[HTTPRequest]>
    private let accepted = Locked(0)

    /// - Parameters:
    ///   - port: 0 lets the kernel choose.
    ///   - script: What is done about each request; the connection is kept afterwards unless a step ends it.
    package init(
        host: String = "127.0.0.1", port: UInt16 = 0, script: @escaping @Sendable (HTTPRequest) -> [Step]
    ) throws(SocketError) {
        let log = Locked<[HTTPRequest]>([])
        self.log = log
        listener = try Listener(host: host, port: port) { [accepted] connection in
            accepted.with { $0 += 1 }
            try? converse(connection) { request in
                log.with { $0.append(request) }
                return script(request)
            }
        }
    }

    /// Gives every request this answer, then closes the connection.
    package convenience init(host: String = "127.0.0.1", port: UInt16 = 0, answer: [UInt8]) throws(SocketError) {
        try self.init(host: host, port: port) { _ in [.bytes(answer), .close] }
    }

    /// Does this with every connection, without reading a request first.
    package init(host: String = "127.0.0.1", port: UInt16 = 0, onAccept steps: [Step]) throws(SocketError) {
        log = Locked([])
        listener = try Listener(host: host, port: port) { [accepted] connection in
            accepted.with { $0 += 1 }
            _ = try? play(steps, on: connection)
        }
    }

    deinit { stop() }

    package var address: SocketAddress { listener.address }
    package var url: String { "http://\(listener.address)" }
    package var requests: [HTTPRequest] { log.with { $0 } }
    /// How many connections it has accepted.
    package var connectionCount: Int { accepted.with { $0 } }

    package func stop() {
        listener.stop()
    }

    /// A well-formed response with `Content-Length`.
    package static func response(
        status: Int = 200, reason: String = "OK", headers: Headers = [:], body: String = ""
    ) -> [UInt8] {
        var headers = headers
        headers.append("Content-Length", "\(body.utf8.count)")
        return Array("HTTP/1.1 \(status) \(reason)\r\n\(headers.text)\r\n\(body)".utf8)
    }
}

private func converse(_ connection: Connection, _ script: (HTTPRequest) -> [StubServer.Step]) throws {
    var parser = HTTPRequestParser()
    while true {
        let bytes = try connection.read()
        if bytes.isEmpty { return }
        parser.append(bytes)
        while let request = try parser.next() {
            guard try play(script(request), on: connection) else { return }
        }
    }
}

/// - Returns: Whether the connection stands.
private func play(_ steps: [StubServer.Step], on connection: Connection) throws -> Bool {
    for step in steps {
        switch step {
        case .wait(let duration):
            guard connection.pause(duration) else { return false }
        case .bytes(let bytes):
            try connection.write(bytes[...])
        case .close:
            connection.finish()
            return false
        case .reset:
            connection.reset()
            return false
        case .hang:
            while try !connection.read().isEmpty {}
            return false
        }
    }
    return true
}
