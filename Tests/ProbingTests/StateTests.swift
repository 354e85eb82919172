import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// What peers say of themselves beside their name.
struct StateTests {
    @Test(arguments: [
        ("draining", true), ("active", false), ("", false), ("raining", false), ("draining ", false),
        ("draining; more=g", false), ("Draining", false),
    ])
    func onlyTheWholeWordIsDraining(state: String, isDraining: Bool) {
        let text = Array("mesh=test; node=a; state=\(state)".utf8)
        #expect(text.withUnsafeBytes { Identity.isDraining($0[...]) } == isDraining)
        #expect(!Array("aining".utf8).withUnsafeBytes { Identity.isDraining($0[...]) })
    }

    /// Each change once, before the outcome of the same probe, which is a success.
    @Test func aPeersStateIsToldWhenItChanges() throws {
        let state = Locked("active")
        let server = try StubServer { _ in
            [.bytes(answer(state: state.with { $0 })), .close]
        }
        let rig = try Rig()
        let slot = try rig.add(server.address)
        #expect(rig.turn(while: { rig.results.count < 3 }))
        #expect(rig.words.isEmpty)
        for (index, word) in ["draining", "active", "draining"].enumerated() {
            state.with { $0 = word }
            #expect(rig.turn(while: { rig.words.count <= index }))
            let count = rig.results.count
            #expect(rig.turn(while: { rig.results.count < count + 3 }))
        }
        #expect(rig.words == [true, false, true])
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
        rig.prober.remove(slot)
    }

    @Test func aPeersStateIsToldOfDatagramsToo() throws {
        let server = try DatagramServer(host: "127.0.0.1") { request in
            [.init(UDPAnswerer.reply(to: request, state: "draining"))]
        }
        let rig = try Rig()
        let slot = rig.prober.add(
            try target(.udp, server.address), interval: .milliseconds(20), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 3 }))
        #expect(rig.words == [true])
        rig.prober.remove(slot)
    }

    /// Who answers for a Service may be shutting down: that is a success, and nobody's state.
    @Test func whereAnyPeerMayAnswerNobodysStateIsTold() throws {
        let server = try StubServer(answer: answer(state: "draining"))
        let rig = try Rig()
        rig.prober.backends = Backends(
            Topology([Peer(node: "node-a", zone: "", addresses: [], port: 1)]), node: "own", zone: "")
        _ = rig.prober.add(
            try target(.http, server.address, .anyPeer), interval: .milliseconds(20), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 2 }))
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
        #expect(rig.words.isEmpty && rig.strangers.isEmpty)
    }

    @Test(arguments: [("test", "node-x", true), ("other", "node-x", false), ("test", "node-a", false)])
    func aStrangerOfTheSameMeshIsNamed(mesh: String, node: String, isNamed: Bool) throws {
        let server = try StubServer(answer: answer(mesh: mesh, node: node))
        let rig = try Rig()
        rig.prober.backends = Backends(
            Topology([Peer(node: "node-a", zone: "", addresses: [], port: 1)]), node: "own", zone: "")
        _ = rig.prober.add(
            try target(.http, server.address, .anyPeer), interval: .milliseconds(20), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 2 }))
        #expect(rig.strangers.isEmpty == !isNamed)
        #expect(Set(rig.strangers).isSubset(of: [stableHash("node-x")]))
    }

    /// Nothing that is under way is lost: it is skipped.
    @Test func whatIsUnderWayAtTheEndIsSkipped() throws {
        let hole = try BlackHole(backlog: 100)
        let server = try StubServer(answer: answer())
        let rig = try Rig()
        let removed = try rig.add(hole.address)
        #expect(rig.turn(while: { rig.prober.active < 2 }))
        rig.prober.remove(removed)
        let inHole = rig.prober.active
        _ = try rig.add(hole.address)
        _ = try rig.add(server.address)
        #expect(rig.turn(while: { rig.prober.active < inHole + 3 || rig.results.count < 3 }))
        let (active, started, ended) = (rig.prober.active, rig.lags.count, rig.results.count)
        rig.prober.stop()
        #expect(rig.skipped[.shutdown] == active - inHole)
        // A topology that comes now starts nothing.
        _ = try rig.add(server.address)
        for _ in 0..<20 { rig.loop.turn(until: .now() + .milliseconds(10)) }
        #expect(rig.lags.count == started && rig.results.count == ended)
    }

    @Test func datagramsSayTheStateOfTheirSender() throws {
        let texts = Locked<[String]>([])
        let server = try DatagramServer(host: "127.0.0.1") { request in
            request.withUnsafeBytes { bytes in
                let text = String(decoding: Beat.identity(in: bytes), as: UTF8.self)
                texts.with { if $0.last != text { $0.append(text) } }
            }
            return [.init(UDPAnswerer.reply(to: request))]
        }
        let rig = try Rig()
        _ = rig.prober.add(try target(.udp, server.address), interval: .milliseconds(20), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 2 }))
        rig.prober.say(.draining)
        #expect(rig.turn(while: { texts.with { $0.count } < 2 }))
        #expect(
            texts.with { $0 } == ["mesh=test; node=own; state=active", "mesh=test; node=own; state=draining"])
    }
}
