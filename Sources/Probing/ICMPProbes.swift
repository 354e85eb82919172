internal import Glibc
internal import Mesh
internal import Reactor

/// The ICMP socket that all probes of one family share.
final class ICMPSocket: ReadinessHandler {
    let echo: EchoSocket
    let family: IPFamily
    private unowned let probes: ICMPProbes

    init(_ family: IPFamily, like endpoint: Endpoint, _ probes: ICMPProbes) throws(SystemError) {
        echo = try EchoSocket.open(askingLike: endpoint)
        self.family = family
        self.probes = probes
    }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        probes.ready(self, for: readiness)
    }
}

/// What ICMP probes of one target go to.
struct ICMPAim {
    let endpoint: Endpoint
    let family: IPFamily

    init(_ target: Target) {
        endpoint = Endpoint(address: target.address.bytes, port: 0)
        family = target.address.family
    }
}

/// The ICMP probes: an echo request to a kernel, and its reply (see `Echo`). Nobody says in it who he is: that the address
/// answers is what is asked.
final class ICMPProbes {
    /// What is taken from a socket in one turn of the loop: as many as probes can be under way, since all of them may have
    /// been answered while the loop was away. What waits longer would be timed out by the alarm.
    static let turnLimit = 512
    /// A request after the longest header of IPv4, and a byte more: what is longer is not taken for one.
    private static let bufferSize = 60 + Echo.size + 1

    unowned let prober: Prober
    private let loop: EventLoop
    private var alarm: Alarm!
    /// Opened when they are first needed.
    private var sockets: [ICMPSocket] = []
    var table = EchoTable()
    /// Of those that are under way, by their places in the table.
    private var deadlines = Deadlines()
    private let request = UnsafeMutableRawBufferPointer.allocate(byteCount: Echo.size, alignment: 8)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: ICMPProbes.bufferSize, alignment: 8)
    var datagram = Datagram()

    init(_ prober: Prober, on loop: EventLoop) {
        self.prober = prober
        self.loop = loop
        alarm = loop.alarm { [unowned self] in endOverdue() }
    }

    deinit {
        loop.remove(alarm)
        for socket in sockets { loop.forget(socket.echo.socket.number) }
        request.deallocate()
        buffer.deallocate()
    }

    func start(_ attempt: Attempt, at aim: ICMPAim, timeout: Duration) {
        let socket: ICMPSocket
        do {
            socket = try self.socket(aim)
        } catch {
            return fail(attempt, error.errno)
        }
        let nonce = UInt64.random(in: .min ... .max)
        Echo(identifier: socket.echo.identifier, sequence: table.advance(), nonce: nonce)
            .write(aim.family, to: request)
        let startedAt = Instant.now()
        let errno = send(on: socket, to: aim.endpoint)
        if errno != 0 { return fail(attempt, errno) }
        let deadline = startedAt + timeout
        let place = table.begin(
            EchoTable.Probe(attempt: attempt, endpoint: aim.endpoint, startedAt: startedAt, deadline: deadline),
            nonce: nonce)
        deadlines.set(place, to: deadline)
        setAlarm()
    }

    private func socket(_ aim: ICMPAim) throws(SystemError) -> ICMPSocket {
        if let socket = sockets.first(where: { $0.family == aim.family }) { return socket }
        let socket = try ICMPSocket(aim.family, like: aim.endpoint, self)
        loop.watch(socket.echo.socket.number, for: .readable, handler: socket)
        sockets.append(socket)
        return socket
    }

    /// An error that ICMP has brought for another probe is told to whoever sends next (IP_RECVERR, ip(7)). It stands in
    /// the error queue too, and goes away with it.
    private func send(on socket: ICMPSocket, to endpoint: Endpoint) -> Int32 {
        let bytes = UnsafeRawBufferPointer(request)
        var errno = socket.echo.socket.send(bytes, to: endpoint)
        for _ in 0..<3 {
            if errno == 0 || takeErrors(socket) == 0 { break }
            errno = socket.echo.socket.send(bytes, to: endpoint)
        }
        return errno
    }

    private func endOverdue() {
        while let (place, deadline) = deadlines.first, deadline <= loop.now { timeOut(place) }
        setAlarm()
    }

    func timeOut(_ place: Int) {
        let attempt = end(place)
        prober.finished(attempt, .failure(.timeout)) { "no reply within the timeout" }
    }

    private func fail(_ attempt: Attempt, _ errno: Int32) {
        prober.finished(attempt, .failure(Reason(TransferFailure.Kind(connectError: errno)))) { systemErrorText(errno) }
    }

    /// Ends a probe without an answer.
    func end(_ place: Int) -> Attempt {
        table.endUnanswered(place)
        deadlines.remove(place)
        return table[place].attempt
    }

    /// A probe has been answered.
    func finish(_ place: Int, at arrival: Instant) {
        deadlines.remove(place)
        let probe = table[place]
        let latency = (arrival - probe.startedAt).nanoseconds
        prober.finished(probe.attempt, .success(latency: latency)) { "answered" }
    }

    func setAlarm() {
        alarm.deadline = deadlines.first?.deadline ?? .never
    }
}
