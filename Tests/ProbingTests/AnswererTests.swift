import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// Who may answer, through the prober.
struct AnswererTests {
    private static func backends(_ nodes: [String]) -> Backends {
        let peers = nodes.map { Peer(node: $0, zone: $0 == "node-c" ? "z2" : "z1", addresses: [], port: 1) }
        return Backends(Topology(peers), node: "own", zone: "z1")
    }

    @Test(arguments: [("own", Locality.sameNode), ("node-b", .sameZone), ("node-c", .otherZone)])
    func aKnownPeer(node: String, locality: Locality) throws {
        let server = try StubServer(answer: answer(node: node))
        let result = try probe(
            target(.http, server.address, .anyPeer), backends: AnswererTests.backends(["node-b", "node-c"]))
        guard case .success(_, locality) = result.outcome else {
            Issue.record("\(result)")
            return
        }
    }

    @Test(arguments: [
        (answer(node: "node-d"), "answered by a node that is not known: mesh=test; node=node-d; "),
        (answer(mesh: "other", node: "node-b"), "answered by another mesh: mesh=other; node=node-b; "),
        (StubServer.response(), "the answer is not from a responder"),
        (
            StubServer.response(headers: ["Heartmesh": "mesh=test; node=node-b; zone=, mesh=test; node=node-b; zone="]),
            "the answer says twice who it is from: "
        ),
    ])
    func somebodyElse(answer: [UInt8], detail: String) throws {
        let server = try StubServer(answer: answer)
        let result = try probe(
            target(.http, server.address, .anyPeer), backends: AnswererTests.backends(["node-b", "node-c"]))
        #expect(result.outcome == .failure(.wrongPeer))
        #expect(result.detail.hasPrefix(detail), "\(result.detail)")
    }

    /// From one topology to the next, for the targets that there are.
    @Test func whoIsKnownChanges() throws {
        let server = try StubServer(answer: answer(node: "node-b"))
        let rig = try Rig()
        _ = rig.prober.add(
            try target(.http, server.address, .anyPeer), interval: .milliseconds(10), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.isEmpty }))
        #expect(rig.results[0].outcome == .failure(.wrongPeer), "nobody is known yet")
        rig.prober.backends = AnswererTests.backends(["node-b"])
        #expect(rig.turn(while: { rig.results.last?.outcome.isSuccess != true }))
        rig.prober.backends = AnswererTests.backends(["node-c"])
        #expect(rig.turn(while: { rig.results.last?.outcome != .failure(.wrongPeer) }))
    }

    /// A server without anonymous access has answered; so has one that says who it is, whoever that is.
    @Test(arguments: [200, 204, 299, 401, 403])
    func aServer(status: Int) throws {
        for bytes in [StubServer.response(status: status), answer(mesh: "other", status: status)] {
            let server = try StubServer(answer: bytes)
            #expect(try probe(target(.http, server.address, .server)).outcome.isSuccess)
        }
    }

    @Test(arguments: [300, 308, 400, 402, 404, 407, 429, 500, 503])
    func aServerThatFails(status: Int) throws {
        let server = try StubServer(answer: StubServer.response(status: status))
        let result = try probe(target(.http, server.address, .server))
        #expect(result.outcome == .failure(.status))
        #expect(result.detail == "status \(status)")
    }

    @Test(arguments: [
        Fault("closed in the head", .reset, ["HTTP/1.1 403 Forbidden\r\nDate: today\r\n", .close]),
        Fault("closed in the body", .reset, ["HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nab", .close]),
        Fault("silent in the body", .timeout, ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", .hang]),
    ])
    func aServersAnswerMustBeWhole(fault: Fault) throws {
        let server = try fault.server()
        let result = try probe(target(.http, server.address, .server), timeout: .milliseconds(300))
        #expect(result.outcome == .failure(fault.reason))
    }

    /// Nobody else may: 401 is no word of a responder.
    @Test(arguments: [401, 403])
    func aPeerLetsEverybodyIn(status: Int) throws {
        let server = try StubServer(answer: answer(status: status))
        for answerer in [Target.Answerer.node("node-a"), .anyPeer] {
            let result = try probe(
                target(.http, server.address, answerer), backends: AnswererTests.backends(["node-a"]))
            #expect(result.outcome == .failure(.status))
        }
    }

    /// Traps, 35: whatever an Ingress holds, the agent lives.
    @Test(arguments: ["*.example", "a b", "a:b:c", "[::1"])
    func aHostThatIsNone(host: String) throws {
        for kind in [ProbeProtocol.http, .https] {
            let result = try probe(target(kind, SocketAddress("127.0.0.1", 9), .anyPeer, host: host))
            #expect(result.outcome == .failure(.resolve))
            #expect(result.detail == "\(kind.rawValue)://\(host):9/ is not a URL")
        }
    }

    /// What fails at once is told like everything else: the observer may change the targets from there.
    @Test func theObserverRemovesWhatFails() throws {
        let rig = try Rig()
        rig.whenProbed = { slot in
            rig.prober.remove(slot)
            if rig.results.count < 20 { try? rig.addHopeless() }
        }
        defer { rig.whenProbed = { _ in } }
        for _ in 0..<3 { try rig.addHopeless() }
        #expect(rig.turn(while: { rig.results.count < 20 }))
        #expect(rig.turn(while: { rig.prober.active > 0 }))
    }
}

extension Rig {
    /// A target that fails before its probe is under way.
    fileprivate func addHopeless() throws {
        let target =
            results.count % 2 == 0
            ? try target(.tcp, SocketAddress("255.255.255.255", 80))
            : try target(.http, SocketAddress("127.0.0.1", 9), host: "*.example")
        _ = prober.add(target, interval: .milliseconds(5), timeout: .seconds(30))
    }
}
