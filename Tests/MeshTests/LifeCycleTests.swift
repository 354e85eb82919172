import Mesh
import Testing

/// Times are in seconds here.
struct LifeCycleTests {
    private final class Cycle {
        var lifeCycle = LifeCycle(node: "own", warmup: 30 * second)

        func replace(_ peers: Peer..., at time: Int64) {
            lifeCycle.replace(Topology(peers), at: time * second)
        }

        func heard(_ node: String, isDraining: Bool, at time: Int64) -> Bool {
            lifeCycle.heard(node, isDraining: isDraining, at: time * second)
        }

        func answered(_ node: String, at time: Int64) -> Bool {
            lifeCycle.answered(node, at: time * second)
        }

        func advance(to time: Int64) -> Bool { lifeCycle.advance(to: time * second) }

        var nextChange: Int64? { lifeCycle.nextChange.map { $0 / second } }

        subscript(node: String) -> PeerState { lifeCycle.state(of: node) }
    }

    private static let second: Int64 = 1_000_000_000

    /// Those that are ready were there before this exporter started.
    @Test func inTheFirstTopologyWhoIsReadyIsActive() throws {
        let cycle = Cycle()
        cycle.replace(
            try peer("a", ["10.0.0.1"]), try peer("b", ["10.0.0.2"], state: .notReady),
            try peer("c", ["10.0.0.3"], state: .draining), try peer("own", ["10.0.0.9"]), at: 100)
        #expect(["a", "b", "c"].map { cycle[$0] } == [.active, .warming, .draining])
        #expect(cycle.nextChange == 130)
        #expect(!cycle.advance(to: 129))
        #expect(cycle.advance(to: 130))
        #expect(["a", "b", "c"].map { cycle[$0] } == [.active, .notReady, .draining])
        #expect(cycle.lifeCycle.counts == [.active: 1, .warming: 0, .notReady: 1, .draining: 1])
        #expect(cycle.nextChange == nil)
    }

    /// This node is no peer, and what is unknown is gone.
    @Test func whoIsNoPeerIsGone() throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", ["10.0.0.1"]), try peer("own", ["10.0.0.9"]), at: 0)
        #expect(["own", "b"].map { cycle[$0] } == [.gone, .gone])
        let changes = [
            cycle.answered("b", at: 1), cycle.heard("b", isDraining: true, at: 1),
            cycle.heard("own", isDraining: true, at: 1),
        ]
        #expect(changes == [false, false, false])
        cycle.replace(at: 2)
        #expect(cycle["a"] == .gone)
    }

    @Test func aNewcomerWarmsUntilItAnswers() throws {
        let cycle = Cycle()
        cycle.replace(at: 0)
        cycle.replace(try peer("a", ["10.0.0.1"]), at: 10)
        #expect(cycle["a"] == .warming)
        #expect(cycle.answered("a", at: 12))
        #expect(cycle["a"] == .active && cycle.nextChange == nil)
        #expect(!cycle.answered("a", at: 13))
        // From then on it is as ready as its endpoint is, and counts.
        cycle.replace(try peer("a", ["10.0.0.1"], state: .notReady), at: 14)
        #expect(cycle["a"] == .notReady)
    }

    @Test func aNewcomerThatIsReadyCountsAfterTheWarmup() throws {
        let cycle = Cycle()
        cycle.replace(at: 0)
        cycle.replace(try peer("a", ["10.0.0.1"]), at: 10)
        #expect(cycle.nextChange == 40)
        #expect(cycle.advance(to: 40))
        #expect(cycle["a"] == .active)
    }

    /// It may still be pulling its image.
    @Test func aNewcomerThatWasNeverReadyHasFiveMinutes() throws {
        let cycle = Cycle()
        cycle.replace(at: 0)
        cycle.replace(
            try peer("a", ["10.0.0.1"], state: .notReady), try peer("b", ["10.0.0.2"], state: .notReady),
            try peer("c", ["10.0.0.3"], state: .notReady), at: 10)
        #expect(!cycle.advance(to: 309))
        #expect(cycle.answered("b", at: 309))
        #expect(["a", "b", "c"].map { cycle[$0] } == [.warming, .notReady, .warming])
        // It was ready once, later than the warm-up.
        cycle.replace(
            try peer("a", ["10.0.0.1"], state: .notReady), try peer("b", ["10.0.0.2"]), try peer("c", ["10.0.0.3"]),
            at: 309)
        #expect(["a", "b", "c"].map { cycle[$0] } == [.warming, .active, .active])
        cycle.replace(
            try peer("a", ["10.0.0.1"], state: .notReady), try peer("b", ["10.0.0.2"]),
            try peer("c", ["10.0.0.3"], state: .notReady), at: 309)
        #expect(cycle["c"] == .notReady)
        #expect(cycle.advance(to: 310))
        #expect(cycle["a"] == .notReady && cycle.nextChange == nil)
    }

    /// Traps, 23: it stays, and its failures count, for as long as its endpoint is there.
    @Test func aPeerThatTurnsNotReadyNeverLeavesByItself() throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", ["10.0.0.1"]), at: 0)
        cycle.replace(try peer("a", ["10.0.0.1"], state: .notReady), at: 40)
        #expect(cycle["a"] == .notReady && cycle.nextChange == nil)
        #expect(!cycle.advance(to: 1_000_000))
        #expect(cycle["a"] == .notReady)
    }

    @Test(
        arguments: [
            (["10.0.0.2"], 8873, "p", true), (["10.0.0.1"], 9, "p", true), (["10.0.0.1"], 8873, "q", true),
            (["fd00::1"], 8873, "p", true), (["10.0.0.1", "fd00::1"], 8873, "p", false),
        ] as [([String], UInt16, String, Bool)])
    func anotherPodOnAKnownNodeWarmsAnew(
        addresses: [String], port: UInt16, pod: String, isAnother: Bool
    ) throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", ["10.0.0.1"], pod: "p"), at: 0)
        _ = cycle.heard("a", isDraining: true, at: 50)
        cycle.replace(try peer("a", addresses, port: port, pod: pod), at: 60)
        #expect(cycle["a"] == (isAnother ? .warming : .draining))
        #expect(cycle.nextChange == (isAnother ? 90 : 350))
    }

    @Test func anotherZoneIsNoOtherPod() throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", zone: "z1", ["10.0.0.1"]), at: 0)
        cycle.replace(try peer("a", zone: "z2", ["10.0.0.1"]), at: 1)
        #expect(cycle["a"] == .active)
    }

    @Test func aPeerThatSaysGoodbyeDrainsUntilItAnswersAsActive() throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", ["10.0.0.1"]), at: 0)
        #expect(cycle.heard("a", isDraining: true, at: 10))
        #expect(cycle["a"] == .draining)
        // Not ready is what it is now, and no reason to count.
        cycle.replace(try peer("a", ["10.0.0.1"], state: .notReady), at: 20)
        #expect(cycle["a"] == .draining)
        #expect(!cycle.heard("a", isDraining: true, at: 100))
        #expect(cycle.heard("a", isDraining: false, at: 110))
        #expect(cycle["a"] == .notReady && cycle.nextChange == nil)
    }

    /// From the first word on: one that says it for ever is broken.
    @Test func aGoodbyeLastsFiveMinutes() throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", ["10.0.0.1"]), at: 0)
        _ = cycle.heard("a", isDraining: true, at: 10)
        _ = cycle.heard("a", isDraining: true, at: 200)
        #expect(cycle.nextChange == 310)
        #expect(cycle.advance(to: 310))
        #expect(cycle["a"] == .active)
        #expect(!cycle.heard("a", isDraining: true, at: 320))
        #expect(cycle["a"] == .active)
        _ = cycle.heard("a", isDraining: false, at: 330)
        #expect(cycle.heard("a", isDraining: true, at: 340))
        #expect(cycle["a"] == .draining)
    }

    @Test func anEndpointThatTerminatesDrainsWhateverItSays() throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", ["10.0.0.1"], state: .draining), at: 0)
        #expect(!cycle.heard("a", isDraining: false, at: 1))
        #expect(!cycle.answered("a", at: 1))
        #expect(!cycle.advance(to: 1_000))
        #expect(cycle["a"] == .draining)
    }

    @Test func whoComesBackIsANewcomer() throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", ["10.0.0.1"]), at: 0)
        cycle.replace(at: 10)
        cycle.replace(try peer("a", ["10.0.0.1"]), at: 20)
        #expect(cycle["a"] == .warming && cycle.nextChange == 50)
    }

    @Test func targetsHaveTheStateOfTheirPeer() throws {
        let cycle = Cycle()
        cycle.replace(try peer("a", ["10.0.0.1"], state: .draining), at: 0)
        func state(_ channel: Channel, _ node: String) throws -> PeerState {
            let address = try #require(IPAddress("10.0.0.1"))
            return cycle.lifeCycle.state(
                of: Target(channel: channel, probe: .http, address: address, port: 1, node: node, answerer: .anyPeer))
        }
        #expect(try [.pod, .multus, .node, .nodePort].allSatisfy { try state($0, "a") == .draining })
        #expect(try state(.pod, "b") == .gone)
        #expect(try state(.nodePort, "own") == .active)
        #expect(try state(.clusterIP, "") == .active)
    }
}
