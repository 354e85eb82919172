import Mesh
import Reactor
import Support
import Testing

@testable import Probing

struct TCPProbeTests {
    /// Ten thousand, hundreds at once: each connection is made, and none of them is left behind.
    @Test func nothingIsLeftBehind() throws {
        let rig = try Rig()
        let hole = try BlackHole(backlog: 4000)
        let target = try target(.tcp, hole.address)
        let before = try #require(ProcessStatus.read()).openDescriptors
        let slots = (0..<500).map { _ in rig.prober.add(target, interval: .milliseconds(20), timeout: .seconds(30)) }
        let isDone = rig.turn(within: .seconds(60)) {
            hole.drain()
            return rig.results.count < 10_000
        }
        #expect(isDone)
        for slot in slots { rig.prober.remove(slot) }
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
        #expect(try #require(ProcessStatus.read()).openDescriptors == before)
    }

    @Test func whatIsRemovedGivesItsDescriptorsBack() throws {
        let rig = try Rig()
        let hole = try BlackHole()
        let before = try #require(ProcessStatus.read()).openDescriptors
        let target = try target(.tcp, hole.address)
        let slots = (0..<100).map { _ in
            rig.prober.add(target, interval: .milliseconds(50), timeout: .milliseconds(300))
        }
        #expect(rig.turn(while: { rig.prober.active < 200 }))
        #expect(try #require(ProcessStatus.read()).openDescriptors >= before + 200)
        for slot in slots { rig.prober.remove(slot) }
        #expect(rig.turn(within: .seconds(10), while: { rig.prober.active > 0 }))
        #expect(try #require(ProcessStatus.read()).openDescriptors == before)
        #expect(rig.results.isEmpty)
    }

    /// Timeouts of several lengths, each at its time, whichever was started first.
    @Test func eachHasItsTimeout() throws {
        let rig = try Rig()
        let hole = try BlackHole()
        let target = try target(.tcp, hole.address)
        let timeouts = [400, 100, 300, 200]
        let slots = timeouts.map { rig.prober.add(target, interval: .milliseconds(10), timeout: .milliseconds($0)) }
        let start = Instant.now()
        #expect(rig.turn(while: { rig.prober.active < 4 }))
        // One beat of each is enough.
        #expect(rig.turn(while: { slots.contains { rig.results(of: $0).isEmpty } }))
        #expect(Instant.now() - start >= .milliseconds(400))
        var order: [Int] = []
        for result in rig.results where !order.contains(result.slot) { order.append(result.slot) }
        #expect(order == [1, 3, 2, 0].map { slots[$0] })
        #expect(rig.results.allSatisfy { $0.outcome == .failure(.timeout) })
    }

    /// The loop was away for longer than the timeout while the connection was made: this machine was slow, not the network.
    @Test func aLateLookIsNoTimeout() throws {
        let rig = try Rig()
        let hole = try BlackHole(backlog: 100)
        let target = try target(.tcp, hole.address)
        _ = rig.prober.add(target, interval: .milliseconds(10), timeout: .milliseconds(30))
        while rig.prober.active == 0 { rig.loop.turn(until: .now() + .milliseconds(20)) }
        #expect(rig.results.isEmpty)
        let back = Instant.now() + .milliseconds(60)
        while Instant.now() < back {}
        rig.loop.turn(until: .now())
        // How long the peer took to answer, nobody knows.
        #expect(rig.results.first?.outcome == .success(latency: nil))
    }

    /// With a FIN, not a RST.
    @Test func aConnectionEndsInOrder() throws {
        let rig = try Rig()
        let hole = try BlackHole(backlog: 100)
        let slot = rig.prober.add(try target(.tcp, hole.address), interval: .milliseconds(5), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 5 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        let ends = hole.drain()
        #expect(ends.count >= 5)
        #expect(ends.allSatisfy { $0 == 0 })
    }
}
