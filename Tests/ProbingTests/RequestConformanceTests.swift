import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// A probe of a configured target obeys what every other does.
@Suite(.serialized)
struct RequestConformanceTests {
    private static let kinds = [ProbeProtocol.http, .https]

    @Test(arguments: kinds, ["127.0.0.1", "::1"])
    func nobodyListens(kind: ProbeProtocol, host: String) throws {
        let result = try ask(try FreePort(on: [host]).address, kind)
        #expect(result.outcome == .failure(.refused) && result.detail.hasSuffix("Connection refused"), "\(result)")
    }

    @Test(arguments: kinds, [100, 250])
    func nothingAnswersTheSYN(kind: ProbeProtocol, timeout: Int) throws {
        let hole = try BlackHole()
        let start = Instant.now()
        let result = try ask(hole.address, kind, timeout: .milliseconds(timeout))
        #expect(result.outcome == .failure(.timeout))
        // libcurl's clock counts in whole milliseconds.
        #expect(Instant.now() - start >= .milliseconds(timeout - 1))
    }

    @Test(arguments: kinds)
    func thereIsNoWay(kind: ProbeProtocol) throws {
        let result = try ask(SocketAddress("255.255.255.255", 80), kind)
        #expect(result.outcome == .failure(.unreachable) && result.detail.hasSuffix("Network is unreachable"))
    }

    /// The name in the URL is for the request only: where to connect is the target's address, and no resolver is asked.
    @Test func theAddressIsTheTargets() throws {
        let server = try StubServer { _ in [.bytes(StubServer.response())] }
        let result = try ask(server.address, host: "nowhere.invalid")
        #expect(result.outcome.isSuccess, "\(result)")
        #expect(server.requests[0].headers["Host"] == "nowhere.invalid:\(server.address.port)")
    }

    @Test(arguments: kinds)
    func whatIsRemovedTellsNothing(kind: ProbeProtocol) throws {
        let hole = try BlackHole()
        let server = try StubServer { _ in [.bytes(StubServer.response())] }
        let rig = try Rig()
        rig.prober.requestSettings["lost"] = RequestSettings(url: "\(kind.rawValue)://\(hole.address)/")
        rig.prober.requestSettings["good"] = RequestSettings(url: server.url)
        let lost = try configured(hole.address, as: "lost", kind)
        let slot = rig.prober.add(lost, interval: .milliseconds(20), timeout: .milliseconds(200))
        #expect(rig.turn(while: { rig.prober.active < 2 }))
        rig.prober.remove(slot)
        // The number goes to another target while the probes of the first are under way.
        let good = try configured(server.address, as: "good")
        #expect(rig.prober.add(good, interval: .milliseconds(20), timeout: .seconds(30)) == slot)
        let end = Instant.now() + .milliseconds(250)
        #expect(rig.turn(while: { rig.results.count < 3 || Instant.now() < end }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.results.allSatisfy { $0.slot == slot && $0.outcome.isSuccess })
    }

    @Test(arguments: kinds)
    func aProberEndsWithProbesUnderWay(kind: ProbeProtocol) throws {
        let hole = try BlackHole()
        let loop = try EventLoop()
        let transfers = Transfers(on: loop)
        let before = try #require(ProcessStatus.read()).openDescriptors
        do {
            let prober = Prober(mesh: "test", node: "own", userAgent: "", on: loop, transfers: transfers)
            prober.requestSettings["web"] = RequestSettings(url: "\(kind.rawValue)://\(hole.address)/")
            let target = try configured(hole.address, kind)
            for _ in 0..<20 { _ = prober.add(target, interval: .milliseconds(10), timeout: .milliseconds(100)) }
            while prober.active < 20 { loop.turn(until: .now() + .milliseconds(20)) }
        }
        #expect(try #require(ProcessStatus.read()).openDescriptors == before)
        let end = Instant.now() + .milliseconds(150)
        while Instant.now() < end { loop.turn(until: end) }
    }
}
