import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// HTTPS, and an Ingress' host at an Ingress' address, against nginx.
struct EncryptionTests {
    @Test(arguments: ["127.0.0.1", "::1"], ["", "beat.example"])
    func aTrustedCertificate(address: String, host: String) async throws {
        let front = try await Front.shared.value
        let target = try target(.https, front.address(.front, host: address), host: host)
        for trust in [try front.trust, .file(front.authority)] {
            let result = try probe(target, trust: trust)
            #expect(result.outcome.isSuccess, "\(result)")
        }
    }

    @Test(arguments: [
        (Front.Door.wrong, "", "certificate subject name"), (.wrong, "beat.example", "certificate subject name"),
        (.expired, "", "certificate has expired"), (.own, "", "self-signed certificate"),
        (.plain, "", "wrong version number"), (.front, "other.example", "certificate subject name"),
    ])
    func aCertificateThatDoesNotFit(door: Front.Door, host: String, detail: String) async throws {
        let front = try await Front.shared.value
        let result = try probe(target(.https, front.address(door), host: host), trust: front.trust)
        #expect(result.outcome == .failure(.tls), "\(result)")
        #expect(result.detail.contains(detail) || result.detail.contains("alternative certificate"), "\(result)")
    }

    @Test func anAuthorityThatIsNotTrusted() async throws {
        let front = try await Front.shared.value
        let target = try target(.https, front.address(.front))
        let others = try readFile("\(front.certificates.folder)/other.crt")
        for trust in [Trust.system, .certificates(others), .file("\(front.certificates.folder)/other.crt")] {
            let result = try probe(target, trust: trust)
            #expect(result.outcome == .failure(.tls), "\(result)")
            #expect(result.detail == "SSL certificate problem: unable to get local issuer certificate")
        }
        for trust in [Trust.file("/no/such/file"), .certificates(Array("no PEM".utf8))] {
            #expect(try probe(target, trust: trust).outcome == .failure(.tls))
        }
    }

    /// A channel's trust is no other channel's.
    @Test func eachChannelHasItsTrust() async throws {
        let front = try await Front.shared.value
        let rig = try Rig(trust: [.ingress: front.trust, .apiServer: .file("\(front.certificates.folder)/other.crt")])
        let good = try target(.https, front.address(.front))
        let slots = [good, good, good].enumerated().map { number, target in
            let channel = [Channel.ingress, .apiServer, .loadBalancer][number]
            let target = Target(
                channel: channel, probe: .https, address: target.address, port: target.port, answerer: .server)
            return rig.prober.add(target, interval: .milliseconds(30), timeout: .seconds(30))
        }
        #expect(rig.turn(while: { slots.contains { rig.results(of: $0).count < 3 } }))
        #expect(rig.results(of: slots[0]).allSatisfy { $0.outcome.isSuccess })
        for slot in slots[1...] { #expect(rig.results(of: slot).allSatisfy { $0.outcome == .failure(.tls) }) }
    }

    /// Traps, 36: the port in the server's name, a Host header without effect.
    @Test(arguments: ["127.0.0.1", "::1"])
    func theNameOfTheServerAndTheHost(address: String) async throws {
        let front = try await Front.shared.value
        let door = front.address(.front, host: address)
        func expect(_ value: String, at path: String, host: String) throws {
            let target = try target(.https, door, .node(value), host: host, path: path)
            let result = try probe(target, trust: front.trust)
            #expect(result.outcome.isSuccess, "\(path) of \(host): \(result)")
        }
        try expect("beat.example", at: "/echo/name", host: "beat.example")
        try expect("beat.example:\(door.port)", at: "/echo/host", host: "beat.example")
        // An address is no server's name (RFC 6066, section 3).
        try expect("", at: "/echo/name", host: "")
        try expect("\(door)", at: "/echo/host", host: "")
        try expect("/echo/path?a=b", at: "/echo/path?a=b", host: "beat.example")
    }

    /// A session that is resumed shows no certificate.
    @Test func eachSessionIsAFreshOne() async throws {
        let front = try await Front.shared.value
        let rig = try Rig(trust: [.ingress: front.trust])
        let target = try target(.https, front.address(.front), .node("."), host: "beat.example", path: "/echo/reused")
        _ = rig.prober.add(target, interval: .milliseconds(10), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 5 }))
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess }, "\(rig.results)")
    }

    @Test func plainTextOnAPortForTLS() async throws {
        let front = try await Front.shared.value
        let result = try probe(target(.http, front.address(.front), host: "beat.example"))
        #expect(result.outcome == .failure(.status))
        #expect(result.detail == "status 400")
    }

    @Test func redirectsAreNotFollowed() async throws {
        let front = try await Front.shared.value
        for answerer in [Target.Answerer.node("node-a"), .anyPeer, .server] {
            let target = try target(.https, front.address(.front), answerer, path: "/redirect")
            let result = try probe(target, trust: front.trust)
            #expect(result.outcome == .failure(.status))
            #expect(result.detail == "status 308")
        }
    }

    /// Another certificate in the file is trusted soon, a probe with it needs nothing new.
    @Test func aMissingFileIsFoundWhenItComes() async throws {
        let front = try await Front.shared.value
        let path = "\(front.certificates.folder)/late.crt"
        let rig = try Rig(trust: [.ingress: .file(path)])
        let target = try target(.https, front.address(.front))
        _ = rig.prober.add(target, interval: .milliseconds(20), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.isEmpty }))
        #expect(rig.results[0].outcome == .failure(.tls))
        try front.certificates.write("late.crt", String(decoding: readFile(front.authority), as: UTF8.self))
        #expect(rig.turn(while: { rig.results.last?.outcome.isSuccess != true }))
    }
}
