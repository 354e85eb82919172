import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// Probes in whose life the loop was away.
struct LateProbesTests {
    private static func work(_ duration: Duration) {
        let end = Instant.now() + duration
        while Instant.now() < end {}
    }

    /// No failure while the loop is away, and one as soon as it is there again.
    @Test(arguments: ConformanceTests.kinds) func aTimeoutOfOurOwnIsSkipped(kind: ProbeKind) async throws {
        try await ConformanceTests.place(kind) {
            let hole = try ConformanceTests.hole(kind)
            let rig = try Rig()
            let slot = rig.prober.add(
                try target(kind, hole.address), interval: .milliseconds(600), timeout: .milliseconds(200))
            try #require(rig.turn(while: { rig.prober.active == 0 }))
            let missed = rig.skipped[.late, default: 0]
            LateProbesTests.work(.milliseconds(300))
            try #require(rig.turn(while: { rig.skipped[.late, default: 0] == missed && rig.results.isEmpty }))
            try #require(rig.results.isEmpty)
            try #require(rig.turn(while: { rig.results.isEmpty }))
            try #require(rig.results[0].outcome == .failure(.timeout))
            try #require(rig.losses == [0, 0])
            rig.prober.remove(slot)
            try #require(rig.turn(while: { rig.prober.active > 0 }))
        }
    }

    /// A loop that is away for 80 ms again and again, and a peer that is dead.
    @Test func aDeadPeerIsSeenThroughModerateLoad() throws {
        let hole = try BlackHole(backlog: 100)
        let rig = try Rig()
        _ = try rig.add(hole.address, interval: .milliseconds(300), timeout: .seconds(2))
        let isSeen = rig.turn(
            within: .seconds(60),
            while: {
                let end = Instant.now() + .milliseconds(400)
                while Instant.now() < end { rig.loop.turn(until: end) }
                Self.work(.milliseconds(80))
                return rig.results.count < 3
            })
        #expect(isSeen, "\(rig.skipped)")
        #expect(rig.results.allSatisfy { $0.outcome == .failure(.timeout) })
    }

    /// What the other side says at once is as true when it is read late.
    @Test func aLateWordCounts() throws {
        let server = try StubServer(answer: answer(node: "node-b"))
        let rig = try Rig()
        _ = try rig.add(server.address, interval: .milliseconds(600), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.prober.active == 0 }))
        let missed = rig.skipped[.late, default: 0]
        Self.work(.milliseconds(300))
        #expect(rig.turn(while: { rig.results.isEmpty }))
        #expect(rig.results[0].outcome == .failure(.wrongPeer))
        #expect(rig.skipped[.late, default: 0] == missed)
    }

    /// The peer has answered; how fast, nobody knows.
    @Test func aLateAnswerIsASuccessWithoutLatency() throws {
        let server = try StubServer(answer: answer())
        let rig = try Rig()
        let slot = try rig.add(server.address, interval: .milliseconds(600), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.prober.active == 0 }))
        Self.work(.milliseconds(100))
        #expect(rig.turn(while: { rig.results.isEmpty }))
        #expect(rig.results[0].outcome.isSuccess)
        #expect(rig.results[0].outcome.latency == nil)
        #expect(rig.phases[slot] == nil)
        // And the next ones are timed again.
        #expect(rig.turn(while: { rig.results.allSatisfy { $0.outcome.latency == nil } }))
        #expect(rig.phases[slot] != nil)
    }
}
