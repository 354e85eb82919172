internal import Mesh
internal import Reactor

/// What UDP probes of one target go to, and what is known of them.
final class UDPAim {
    /// The slot, and which of its targets this is.
    let attempt: Attempt
    let endpoint: Endpoint
    let family: IPFamily
    let answerer: AnswerHead
    /// `stableHash` of the name of the node that must answer; nil: any.
    let node: UInt64?
    var flow: UDPFlow
    var underWay = 0
    var isRemoved = false

    init(_ target: Target, _ attempt: Attempt, mesh: String, flow: UDPFlow) {
        self.attempt = attempt
        self.flow = flow
        endpoint = Endpoint(address: target.address.bytes, port: target.port)
        family = target.address.family
        answerer = AnswerHead(from: AnswerHead.Answerer(target.answerer, mesh: mesh))
        node = if case .node(let name) = target.answerer { stableHash(name) } else { nil }
    }
}

/// The UDP probes: a datagram to a responder, and its answer (see `Beat`).
final class UDPProbes {
    struct Probe {
        let aim: UDPAim
        let socket: UDPSocket
        let sequence: UInt32
        let startedAt: Instant
        let deadline: Instant
    }

    /// What is taken from a socket in one turn of the loop: its share of the most probes that can be under way.
    static let turnLimit = 128
    /// Of a flow's id the lowest bits are its aim's place, so that what comes back finds it without a search.
    private static let placeBits: UInt64 = 20

    unowned let prober: Prober
    private let mesh: String
    private let node: String
    private let flows: FlowTable
    private let loop: EventLoop
    private var alarm: Alarm!
    private var sockets = UDPSockets()
    private(set) var aims: [UDPAim?] = []
    private var freePlaces: [Int] = []
    /// By their numbers; nil: the number is free.
    private(set) var probes: [Probe?] = []
    private var freeNumbers: [Int] = []
    /// Of those that are under way.
    private var deadlines = Deadlines()
    private let request = UnsafeMutableRawBufferPointer.allocate(byteCount: Beat.requestSize, alignment: 8)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Beat.requestSize, alignment: 8)
    var datagram = Datagram()

    /// - Parameter flows: What has arrived here of others' probes, for the reports to them.
    init(_ prober: Prober, mesh: String, node: String, flows: FlowTable, on loop: EventLoop) {
        self.prober = prober
        self.mesh = mesh
        self.node = node
        self.flows = flows
        self.loop = loop
        alarm = loop.alarm { [unowned self] in endOverdue() }
        say(.active)
    }

    /// What the datagrams say of their sender.
    func say(_ state: PeerState) {
        request.initializeMemory(as: UInt8.self, repeating: 0)
        request[Beat.headerSize...].copyBytes(
            from: Identity.datagram(mesh: mesh, node: node, state: state.label).utf8.prefix(
                Beat.requestSize - Beat.headerSize))
    }

    deinit {
        loop.remove(alarm)
        sockets.forgetAll(on: loop)
        request.deallocate()
        buffer.deallocate()
    }

    /// - Parameter attempt: The target's slot and generation.
    func aim(at target: Target, _ attempt: Attempt, interval: Duration, timeout: Duration) -> UDPAim {
        let place = freePlaces.popLast() ?? aims.count
        precondition(place < 1 << UDPProbes.placeBits, "a million targets")
        let random = UInt64.random(in: 1..<1 << (64 - UDPProbes.placeBits))
        let overlap = timeout.nanoseconds / max(interval.nanoseconds, 1) + 2
        let flow = UDPFlow(id: random << UDPProbes.placeBits | UInt64(place), overlap: Int(min(overlap, 1024)))
        let aim = UDPAim(target, attempt, mesh: mesh, flow: flow)
        if place == aims.count { aims.append(aim) } else { aims[place] = aim }
        return aim
    }

    /// The aim's probes that are under way still come to their ends; its place is free after the last.
    func remove(_ aim: UDPAim) {
        aim.isRemoved = true
        if aim.underWay == 0 { giveBack(aim) }
    }

    /// One of the aim's probes is over.
    private func release(_ aim: UDPAim) {
        aim.underWay -= 1
        if aim.isRemoved, aim.underWay == 0 { giveBack(aim) }
    }

    private func giveBack(_ aim: UDPAim) {
        let place = place(of: aim.flow.id)
        aims[place] = nil
        freePlaces.append(place)
    }

    func place(of flow: UInt64) -> Int { Int(flow & (1 << UDPProbes.placeBits - 1)) }

    // MARK: Sending

    func start(_ attempt: Attempt, at aim: UDPAim, timeout: Duration) {
        // From here on: what the observer is told below may make it remove the target.
        aim.underWay += 1
        let number = freeNumbers.popLast() ?? probes.count
        if number == probes.count { probes.append(nil) }
        let losses = aim.flow.settle()
        if !losses.isEmpty { prober.lost(attempt, losses) }
        let nonce = UInt64.random(in: .min ... .max)
        let sequence = aim.flow.begin(number, nonce: nonce)
        Beat(
            .request, flow: aim.flow.id, sequence: sequence, nonce: nonce,
            report: aim.node.map { flows.report(to: $0, aim.family) } ?? Beat.Report()
        ).write(to: request)
        let socket: UDPSocket
        do {
            socket = try sockets.socket(aim.family, sequence, like: aim.endpoint, for: self, on: loop)
        } catch {
            return fail(attempt, aim, sequence, number, error.errno)
        }
        let startedAt = Instant.now()
        let errno = send(on: socket, to: aim.endpoint)
        if errno != 0 { return fail(attempt, aim, sequence, number, errno) }
        socket.underWay += 1
        probes[number] = Probe(
            aim: aim, socket: socket, sequence: sequence, startedAt: startedAt, deadline: startedAt + timeout)
        deadlines.set(number, to: startedAt + timeout)
        setAlarm()
    }

    /// An error that ICMP has brought for another probe is told to whoever sends next (IP_RECVERR, ip(7)). It stands in
    /// the error queue too, and goes away with it.
    private func send(on socket: UDPSocket, to endpoint: Endpoint) -> Int32 {
        let bytes = UnsafeRawBufferPointer(request)
        var errno = socket.socket.send(bytes, to: endpoint)
        for _ in 0..<3 {
            if errno == 0 || takeErrors(socket) == 0 { break }
            errno = socket.socket.send(bytes, to: endpoint)
        }
        return errno
    }

    private func endOverdue() {
        while let (number, deadline) = deadlines.first, deadline <= loop.now {
            timeOut(number)
        }
        setAlarm()
    }

    func timeOut(_ number: Int) {
        let probe = end(number)
        probe.aim.flow.timedOut(probe.sequence, at: probe.deadline)
        prober.finished(probe.aim.attempt, .failure(.timeout)) { "no reply within the timeout" }
    }

    private func fail(_ attempt: Attempt, _ aim: UDPAim, _ sequence: UInt32, _ number: Int, _ errno: Int32) {
        freeNumbers.append(number)
        aim.flow.failed(sequence)
        release(aim)
        prober.finished(attempt, .failure(Reason(TransferFailure.Kind(connectError: errno)))) { systemErrorText(errno) }
    }

    func end(_ number: Int) -> Probe {
        guard let probe = probes[number] else { preconditionFailure("probe \(number) is under way") }
        probes[number] = nil
        freeNumbers.append(number)
        deadlines.remove(number)
        sockets.release(probe.socket, on: loop)
        release(probe.aim)
        return probe
    }

    func setAlarm() {
        alarm.deadline = deadlines.first?.deadline ?? .never
    }
}
