import Reactor

/// Takes a transfer's reply and keeps it.
final class Client: TransferReceiver {
    private(set) var transfer: Transfer!
    private(set) var lines: [String] = []
    private(set) var body: [UInt8] = []
    /// One for each transfer that is over.
    private(set) var results: [TransferFailure?] = []
    /// Bytes after which it has had enough.
    var bodyLimit = Int.max
    var whenFinished: () -> Void = {}

    init(_ url: String, timeout: Duration = .seconds(30)) {
        transfer = Transfer(receiver: self)
        transfer.setURL(url)
        transfer.setTimeout(connect: timeout, total: timeout)
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    func received(header line: UnsafeRawBufferPointer) {
        lines.append(String(decoding: line, as: UTF8.self))
    }

    func received(body part: UnsafeRawBufferPointer) -> Bool {
        body += part
        return body.count <= bodyLimit
    }

    func finished(_ failure: TransferFailure?) {
        results.append(failure)
        whenFinished()
    }

    func forget() {
        lines = []
        body = []
        results = []
    }
}

/// A loop with libcurl on it.
final class Wire {
    let loop: EventLoop
    let transfers: Transfers

    init() throws {
        // As the exporter does: libcurl leaves SIGPIPE alone, and OpenSSL writes without MSG_NOSIGNAL.
        Signals.ignoreBrokenPipes()
        loop = try EventLoop()
        transfers = Transfers(on: loop)
    }

    /// Runs one transfer to its end.
    ///
    /// - Returns: Its failure; the text says so when it does not end at all.
    func run(_ client: Client) throws -> TransferFailure? {
        client.forget()
        transfers.start(client.transfer)
        guard loop.turn(while: { client.results.isEmpty }) else { throw Endless() }
        return client.results[0]
    }

    struct Endless: Error {}
}
