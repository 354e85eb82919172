import Mesh
import Reactor
import Support
import Testing

@testable import Probing

struct PhasesTests {
    private func probed(_ target: Target, trust: Trust = .system) throws -> (latency: Int64, phases: Phases) {
        let rig = try Rig(trust: [target.channel: trust])
        let slot = rig.prober.add(target, interval: .milliseconds(10), timeout: .seconds(30))
        // On a busy machine not the first one's are known.
        try #require(rig.turn(while: { rig.phases.isEmpty && rig.results.allSatisfy(\.outcome.isSuccess) }))
        rig.prober.remove(slot)
        try #require(rig.turn(while: { rig.prober.active > 0 }))
        guard let latency = rig.results.lazy.compactMap(\.outcome.latency).first else {
            throw Failed(results: rig.results)
        }
        return (latency.nanoseconds, try #require(rig.phases[slot]?.first))
    }

    private struct Failed: Error {
        let results: [Rig.Result]
    }

    private func sum(_ phases: Phases) -> Int64 {
        phases.connect + phases.tls + phases.server + phases.transfer
    }

    @Test(arguments: [ProbeProtocol.http, .https])
    func addUpToTheLatency(kind: ProbeProtocol) async throws {
        let front = try await Front.shared.value
        let (latency, phases) = try probed(
            target(kind, front.address(kind == .https ? .front : .plain)), trust: front.trust)
        #expect(sum(phases) == latency)
        #expect(phases.connect > 0 && phases.server > 0 && phases.transfer >= 0)
        #expect((phases.tls > 0) == (kind == .https))
    }

    @Test func aSlowServerAndASlowWayBack() throws {
        let wait = Duration.milliseconds(200)
        let parts = [Array(answer(body: "hello").dropLast(2)), Array("lo".utf8)]
        let server = try StubServer { _ in [.wait(wait), .bytes(parts[0]), .wait(wait), .bytes(parts[1])] }
        let (latency, phases) = try probed(target(.http, server.address))
        #expect(sum(phases) == latency)
        // libcurl's clock may lag by a millisecond.
        #expect(phases.server >= Duration.milliseconds(195).nanoseconds)
        #expect(phases.transfer >= Duration.milliseconds(195).nanoseconds)
        #expect(phases.tls == 0)
    }

    @Test func thereAreNoneOfAFailure() throws {
        let server = try StubServer(answer: answer(node: "node-b"))
        let rig = try Rig()
        let slot = try rig.add(server.address)
        #expect(rig.turn(while: { rig.results.count < 2 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.phases.isEmpty)
    }
}
