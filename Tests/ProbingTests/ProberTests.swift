import Mesh
import Reactor
import Support
import Testing

@testable import Probing

struct ProberTests {
    /// Traps, 3.
    @Test func eachProbeIsAFreshConnection() throws {
        let server = try CountingServer(answer: answer())
        let rig = try Rig()
        let slot = try rig.add(server.address, interval: .milliseconds(5))
        #expect(rig.turn(while: { rig.results.count < 20 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.transfers.activeCount > 0 }))
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
        #expect(server.requests == server.connections)
        #expect(server.requests >= 20)
    }

    @Test func eachTargetIsProbedForItself() throws {
        let servers = try ["node-a", "node-b", "node-c"].map { try StubServer(answer: answer(node: $0)) }
        let port = try FreePort()
        let rig = try Rig()
        let slots = [
            try rig.add(servers[0].address, node: "node-a"), try rig.add(servers[1].address, node: "node-b"),
            // The address was given to another pod: traps, 14.
            try rig.add(servers[2].address, node: "node-d"), try rig.add(port.address, node: "node-e"),
        ]
        #expect(slots == [0, 1, 2, 3])
        #expect(rig.turn(while: { slots.contains { rig.results(of: $0).count < 3 } }))
        #expect(rig.results(of: 0).allSatisfy { $0.outcome.isSuccess })
        #expect(rig.results(of: 1).allSatisfy { $0.outcome.isSuccess })
        #expect(rig.results(of: 2).allSatisfy { $0.outcome == .failure(.wrongPeer) })
        #expect(rig.results(of: 3).allSatisfy { $0.outcome == .failure(.refused) })
        #expect(rig.lags.count >= rig.results.count)
        #expect(rig.lags.allSatisfy { $0 >= .zero })
    }

    @Test func aFailureHeals() throws {
        let server = try Listener { connection in
            if let request = try? connection.read(), !request.isEmpty { try? connection.write(answer()[...]) }
        }
        defer { server.stop() }
        let rig = try Rig()
        let slot = try rig.add(server.address, timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.last?.outcome.isSuccess != true }))
        server.refuse()
        #expect(rig.turn(while: { rig.results.last?.outcome != .failure(.refused) }))
        try server.reopen()
        #expect(rig.turn(while: { rig.results.last?.outcome.isSuccess != true }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.transfers.activeCount > 0 }))
    }

    @Test func whatIsRemovedTellsNothing() throws {
        let hole = try BlackHole(backlog: 100)
        let server = try StubServer(answer: answer())
        let rig = try Rig()
        let slot = try rig.add(hole.address, timeout: .milliseconds(200))
        #expect(rig.turn(while: { rig.transfers.activeCount < 2 }))
        rig.prober.remove(slot)
        // The number goes to another target while the probes of the first are under way.
        #expect(try rig.add(server.address) == slot)
        #expect(rig.turn(while: { rig.results.count < 3 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.transfers.activeCount > 0 }))
        #expect(rig.results.allSatisfy { $0.slot == slot && $0.outcome.isSuccess })
        let count = rig.lags.count
        rig.loop.turn(until: .now() + .milliseconds(30))
        #expect(rig.lags.count == count, "nothing is scheduled any more")
    }

    /// Traps, 21: half of the mesh is a black hole, which is nothing to the other half.
    @Test func aBlackHoleDelaysNobodyElse() throws {
        let holes = [try BlackHole(), try BlackHole(backlog: 4000)]
        let server = try StubServer(answer: answer())
        let rig = try Rig()
        let interval = Duration.milliseconds(40)
        let start = Instant.now()
        let lost = try (0..<10).map {
            try rig.add(holes[$0 % 2].address, interval: interval, timeout: .milliseconds(400))
        }
        let good = try (0..<10).map { _ in try rig.add(server.address, interval: interval) }
        #expect(rig.turn(while: { Instant.now() - start < .milliseconds(1000) }))
        let beats = Int((Instant.now() - start).nanoseconds / interval.nanoseconds)
        for slot in lost + good { rig.prober.remove(slot) }
        let late = rig.skipped[.late, default: 0]
        for slot in good {
            let results = rig.results(of: slot)
            #expect(results.allSatisfy { $0.outcome.isSuccess })
            // The first one, one that is under way, and those that this machine was too late for.
            #expect(results.count >= beats - 2 - late)
        }
        for slot in lost {
            let results = rig.results(of: slot)
            #expect(!results.isEmpty)
            #expect(results.allSatisfy { $0.outcome == .failure(.timeout) })
        }
        #expect(rig.turn(while: { rig.transfers.activeCount > 0 }))
    }

    @Test func whatIsUnderWayIsBounded() throws {
        let hole = try BlackHole(backlog: 4000)
        let rig = try Rig()
        let slots = try (0..<600).map { _ in
            try rig.add(hole.address, interval: .milliseconds(200), timeout: .seconds(3))
        }
        #expect(rig.turn(while: { rig.skipped[.budget] == nil }))
        #expect(rig.transfers.activeCount == 512)
        for slot in slots { rig.prober.remove(slot) }
        #expect(rig.turn(while: { rig.transfers.activeCount > 0 }))
        #expect(rig.results.allSatisfy { $0.outcome == .failure(.timeout) })
        // And of what is kept for later, 14 KB each.
        #expect(rig.prober.http.idleCount == 64)
    }

    /// Own lateness is counted as such.
    @Test func aLoopThatWasAwayBeatsOnce() throws {
        let port = try FreePort()
        let rig = try Rig()
        for _ in 0..<4 { _ = try rig.add(port.address, interval: .milliseconds(5)) }
        let back = Instant.now() + .milliseconds(60)
        while Instant.now() < back {}
        rig.loop.turn(until: .now())
        #expect(rig.lags.count == 4)
        #expect(rig.lags.allSatisfy { $0 > .milliseconds(50) })
        // Each was due eleven or twelve times, at least.
        #expect(rig.skipped[.late, default: 0] >= 4 * 10)
        #expect(rig.skipped[.budget] == nil)
        for slot in 0..<4 { rig.prober.remove(slot) }
        #expect(rig.turn(while: { rig.transfers.activeCount > 0 }))
    }

    @Test func reasonsToSkip() {
        #expect(SkipReason.allCases.map(\.rawValue) == ["late", "budget", "shutdown"])
    }
}
