/// Counts what the kernel sends again on the connections of one transfer, which follow each other.
///
/// libcurl closes the socket before it says that the transfer is over, and CURLINFO_ACTIVESOCKET is gone then. So this looks
/// where libcurl still has it: when the socket callback first asks for what comes in, which it does as soon as the connection
/// stands, with TLS before the handshake; when the callback says that the socket is no longer watched, which it does before it
/// closes one, or has just failed to connect; and before a transfer is cancelled, as a socket that is still connecting is
/// closed without a word.
struct ConnectionWatch {
    /// The kernel waits for a second until it sends a SYN again, and at least for a tick of its clock where a program has
    /// set that otherwise (BPF_SOCK_OPS_TIMEOUT_INIT): nearly all connections stand earlier, and a system call is saved.
    private static let shortestWait = Duration.milliseconds(5)

    /// Not after the first socket was opened.
    let startedAt: Instant
    /// The last socket that was opened, good while the transfer is under way; -1: none.
    private var descriptor: Int32 = -1
    /// What had been sent again when its connection stood; nil before.
    private var connected: Int?
    /// Of the sockets before it.
    private var earlier = Retransmissions()
    private var current = Retransmissions()

    init(startedAt: Instant) {
        self.startedAt = startedAt
    }

    var retransmissions: Retransmissions { earlier + current }

    mutating func opened(_ descriptor: Int32) {
        self.descriptor = descriptor
        connected = nil
        earlier = earlier + current
        current = Retransmissions()
    }

    /// Something can come in on a socket: its connection stands.
    ///
    /// - Parameter now: Not before that was so.
    mutating func stands(_ descriptor: Int32, at now: Instant) {
        if descriptor != self.descriptor || connected != nil { return }
        if now - startedAt >= ConnectionWatch.shortestWait { look() }
        connected = current.connect
    }

    /// A socket is no longer watched.
    mutating func ended(_ descriptor: Int32) {
        if descriptor == self.descriptor { look() }
    }

    /// The last one of several looks counts; a socket that is closed already changes nothing.
    mutating func look() {
        guard descriptor >= 0, let total = retransmittedSegments(on: descriptor) else { return }
        current = Retransmissions(connect: connected ?? total, data: total - (connected ?? total))
    }
}
