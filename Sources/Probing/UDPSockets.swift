internal import Mesh
internal import Reactor

/// A socket that UDP probes of one family share.
final class UDPSocket: ReadinessHandler {
    let socket: DatagramSocket
    let renewal: Instant
    private unowned let probes: UDPProbes
    /// Probes that wait for a reply on it.
    var underWay = 0
    /// Another has taken its place: it goes with its last probe.
    var isRetired = false

    init(askingLike endpoint: Endpoint, renewal: Instant, _ probes: UDPProbes) throws(SystemError) {
        socket = try DatagramSocket(askingLike: endpoint)
        self.renewal = renewal
        self.probes = probes
    }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        probes.ready(self, for: readiness)
    }
}

/// The sockets of UDP probes: for each family a few, on ports of their own, which are renewed every few minutes.
///
/// One socket for ever would be one entry of conntrack and one path among several of equal cost: it would go on working
/// where fresh ones do not. A socket for each probe would cost two system calls more and leave an entry behind for each.
struct UDPSockets {
    /// Of each family.
    static let count = 4

    /// Of the first one. The others live longer by a ninth each, so that they are not renewed all at once.
    private let life: Duration
    private var sockets: [IPFamily: [UDPSocket?]] = [:]
    private var retired: [UDPSocket] = []

    init(life: Duration = .seconds(180)) {
        self.life = life
    }

    /// The socket for a probe; made when it is first asked for.
    ///
    /// - Parameter sequence: The probe's: each target goes round all sockets.
    mutating func socket(
        _ family: IPFamily, _ sequence: UInt32, like endpoint: Endpoint, for probes: UDPProbes, on loop: EventLoop
    ) throws(SystemError) -> UDPSocket {
        let place = Int(sequence) % UDPSockets.count
        let old = sockets[family]?[place]
        if let old, old.renewal > loop.now { return old }
        let new: UDPSocket
        do {
            new = try UDPSocket(askingLike: endpoint, renewal: loop.now + life + life / 9 * place, probes)
        } catch {
            // An old one is better than none.
            if let old { return old }
            throw error
        }
        loop.watch(new.socket.number, for: .readable, handler: new)
        if let old { retire(old, on: loop) }
        sockets[family, default: Array(repeating: nil, count: UDPSockets.count)][place] = new
        return new
    }

    /// A probe on this socket has ended.
    mutating func release(_ socket: UDPSocket, on loop: EventLoop) {
        socket.underWay -= 1
        if socket.isRetired, socket.underWay == 0 {
            loop.forget(socket.socket.number)
            retired.removeAll { $0 === socket }
        }
    }

    func forgetAll(on loop: EventLoop) {
        for socket in sockets.values.joined() + retired { if let socket { loop.forget(socket.socket.number) } }
    }

    private mutating func retire(_ socket: UDPSocket, on loop: EventLoop) {
        socket.isRetired = true
        if socket.underWay == 0 { loop.forget(socket.socket.number) } else { retired.append(socket) }
    }
}
