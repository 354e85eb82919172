import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// A prober on a loop of its own, and everything that it said.
final class Rig: ProbeObserver {
    struct Result: Equatable {
        let slot: Int
        let outcome: Outcome
        let detail: String
    }

    let loop: EventLoop
    let transfers: Transfers
    let prober: Prober
    private(set) var results: [Result] = []
    private(set) var retransmissions: [Int: [Retransmissions]] = [:]
    private(set) var phases: [Int: [Phases]] = [:]
    private(set) var dates: [CertificateDates] = []
    private(set) var lags: [Duration] = []
    private(set) var skipped: [SkipReason: Int] = [:]
    private(set) var notes: [DNSNote] = []
    private(set) var unexpected: [UnexpectedReply: Int] = [:]
    /// What peers have said: that they are draining, or not.
    private(set) var words: [Bool] = []
    private(set) var strangers: [UInt64] = []
    /// Requests and replies that got lost.
    private(set) var losses = [0, 0]
    var whenProbed: (Int) -> Void = { _ in }

    init(trust: [Channel: Trust] = [:], flows: FlowTable = FlowTable()) throws {
        // Hundreds of probes are under way here, beside other tests; many machines start with 1,024 descriptors.
        raiseDescriptorLimit()
        Signals.ignoreBrokenPipes()
        loop = try EventLoop()
        transfers = Transfers(on: loop)
        prober = Prober(
            mesh: "test", node: "own", userAgent: "heartmesh/test", flows: flows, trust: trust, on: loop,
            transfers: transfers)
        prober.observer = self
        prober.questions["test"] = .test(trust: trust[.dns] ?? .system)
    }

    /// - Returns: The slot.
    func add(
        _ address: SocketAddress, node: String = "node-a", interval: Duration = .milliseconds(20),
        timeout: Duration = .seconds(30)
    ) throws -> Int {
        prober.add(try target(.http, address, .node(node)), interval: interval, timeout: timeout)
    }

    /// Turns until the condition fails to hold.
    ///
    /// - Returns: Whether that came in time.
    func turn(within limit: Duration = .seconds(30), while condition: () -> Bool) -> Bool {
        let deadline = Instant.now() + limit
        while condition() {
            if Instant.now() >= deadline { return false }
            // Short, for conditions that another thread makes true.
            loop.turn(until: min(deadline, .now() + .milliseconds(20)))
        }
        return true
    }

    func results(of slot: Int) -> [Result] { results.filter { $0.slot == slot } }

    func probed(_ slot: Int, _ outcome: Outcome, detail: () -> String) {
        results.append(Result(slot: slot, outcome: outcome, detail: detail()))
        whenProbed(slot)
    }

    func retransmitted(_ slot: Int, _ count: Retransmissions) { retransmissions[slot, default: []].append(count) }

    func passed(_ slot: Int, _ phases: Phases) { self.phases[slot, default: []].append(phases) }

    func noted(_ slot: Int, _ note: DNSNote) { notes.append(note) }

    func saw(_ dates: CertificateDates, of slot: Int) { self.dates.append(dates) }

    func heard(_ slot: Int, isDraining: Bool) { words.append(isDraining) }

    func met(_ slot: Int, stranger node: UInt64) { strangers.append(node) }

    func started(late lag: Duration) { lags.append(lag) }

    func skipped(_ count: Int, _ reason: SkipReason) { skipped[reason, default: 0] += count }

    func lost(_ slot: Int, requests: Int, replies: Int) {
        losses[0] += requests
        losses[1] += replies
    }

    func received(_ reply: UnexpectedReply) { unexpected[reply, default: 0] += 1 }
}

/// One probe's result on a server.
func probe(_ address: SocketAddress, node: String = "node-a", timeout: Duration = .seconds(30)) throws -> Rig.Result {
    try probe(target(.http, address, .node(node)), timeout: timeout)
}

/// One probe's result.
///
/// - Parameter trust: For https.
func probe(
    _ target: Target, trust: Trust = .system, backends: Backends = Backends(), timeout: Duration = .seconds(30)
) throws -> Rig.Result {
    let rig = try Rig(trust: [target.channel: trust])
    rig.prober.backends = backends
    // A second beat would be half a minute later.
    let slot = rig.prober.add(target, interval: .milliseconds(10), timeout: timeout)
    try #require(rig.turn(while: { rig.lags.isEmpty }))
    try #require(rig.turn(while: { rig.results.isEmpty }))
    rig.prober.remove(slot)
    // Nothing is left behind on the loop.
    try #require(rig.turn(while: { rig.prober.active > 0 }))
    return rig.results[0]
}

/// - Parameter host: The name in the request and in the certificate; empty: the address.
func target(
    _ probe: ProbeProtocol, _ address: SocketAddress, _ answerer: Target.Answerer = .node("node-a"), host: String = "",
    path: String = "/"
) throws -> Target {
    Target(
        channel: .ingress, probe: probe, address: try #require(IPAddress(address.host)), port: address.port, host: host,
        path: path, answerer: answerer)
}

/// A responder's answer.
func answer(
    mesh: String = "test", node: String = "node-a", state: String = "active", header: String = Identity.headerName,
    status: Int = 200, body: String = ""
) -> [UInt8] {
    let identity = Identity.header(mesh: mesh, node: node, zone: "z1", uid: "u", state: state)
    return StubServer.response(status: status, reason: "Any", headers: [header: identity], body: body)
}

extension Outcome {
    var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
