import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// What every kind of probe obeys, of the large twin of an HTTP probe: it is made and kept apart from the small ones.
@Suite(.serialized)
struct LargeConformanceTests {
    private func large(_ address: SocketAddress) throws -> Target {
        Target(
            channel: .ingress, probe: .http, address: try #require(IPAddress(address.host)), port: address.port,
            path: "/?size=8192", payloadSize: 8192, answerer: .node("node-a"))
    }

    @Test func aTargetIsProbedOnceInAnInterval() throws {
        let server = try StubServer { [.bytes(largeAnswer(to: $0))] }
        let rig = try Rig()
        let interval = Duration.milliseconds(50)
        let slot = rig.prober.add(try large(server.address), interval: interval, timeout: .seconds(30))
        let start = Instant.now()
        #expect(rig.turn(while: { Instant.now() - start < .milliseconds(1000) }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        let beats = Int((Instant.now() - start).nanoseconds / interval.nanoseconds)
        let late = rig.skipped[.late, default: 0]
        #expect((beats - 2 - late...beats + 1).contains(rig.lags.count), "\(rig.lags.count) of \(beats), \(late) late")
        #expect(!rig.results.isEmpty && rig.results.allSatisfy { $0.outcome.isSuccess })
        // Each on a connection of its own.
        #expect(server.connectionCount >= rig.results.count)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func success(host: String) throws {
        let server = try StubServer(host: host) { [.bytes(largeAnswer(to: $0))] }
        let result = try probe(large(server.address))
        #expect(result.outcome.isSuccess, "\(result)")
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func nobodyListens(host: String) throws {
        let port = try FreePort(on: [host])
        #expect(try probe(large(port.address)).outcome == .failure(.refused))
    }

    @Test func thereIsNoWay() throws {
        #expect(try probe(large(SocketAddress("255.255.255.255", 80))).outcome == .failure(.unreachable))
    }

    @Test(arguments: [100, 250])
    func nothingAnswersTheSYN(timeout: Int) throws {
        let hole = try BlackHole()
        let start = Instant.now()
        let result = try probe(large(hole.address), timeout: .milliseconds(timeout))
        let elapsed = Instant.now() - start
        #expect(result.outcome == .failure(.timeout))
        #expect(!result.detail.isEmpty)
        #expect(elapsed >= .milliseconds(timeout) && elapsed < .milliseconds(timeout + 2000))
    }

    @Test func whatIsRemovedTellsNothing() throws {
        let hole = try BlackHole()
        let server = try StubServer { [.bytes(largeAnswer(to: $0))] }
        let rig = try Rig()
        let slot = rig.prober.add(
            try large(hole.address), interval: .milliseconds(20), timeout: .milliseconds(200))
        #expect(rig.turn(while: { rig.prober.active < 2 }))
        rig.prober.remove(slot)
        // The number goes to another target while the probes of the first are under way.
        let good = try large(server.address)
        #expect(rig.prober.add(good, interval: .milliseconds(20), timeout: .seconds(30)) == slot)
        let end = Instant.now() + .milliseconds(250)
        #expect(rig.turn(while: { rig.results.count < 3 || Instant.now() < end }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.results.allSatisfy { $0.slot == slot && $0.outcome.isSuccess })
    }

    /// The limit, and that of the idle ones, is one for large and small together.
    @Test func whatIsUnderWayIsBounded() throws {
        let hole = try BlackHole()
        let rig = try Rig()
        let targets = [try large(hole.address), try target(.http, hole.address)]
        let slots = (0..<600).map {
            rig.prober.add(targets[$0 % 2], interval: .milliseconds(200), timeout: .milliseconds(1000))
        }
        #expect(rig.turn(while: { rig.skipped[.budget] == nil }))
        #expect(rig.prober.active == 512)
        for slot in slots { rig.prober.remove(slot) }
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.prober.http.idleCount <= 64)
    }
}
