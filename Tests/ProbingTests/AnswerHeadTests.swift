import Mesh
import Testing

@testable import Probing

/// Traps, 6 and 14: who answered is never guessed.
struct AnswerHeadTests {
    private static let known = Backends(
        Topology(
            ["node-a", "node-b", "node-10"].map {
                Peer(node: $0, zone: $0 == "node-b" ? "z2" : "z1", addresses: [], port: 1)
            }), node: "node-a", zone: "z1")

    @Test(
        arguments: [
            ("mesh=test; node=node-a; zone=z1; uid=; state=active", .right(.sameNode)),
            ("mesh=test; node=node-10; zone=z1; uid=; state=active", .right(.sameZone)),
            ("mesh=test; node=node-b; state=draining", .right(.otherZone)),
            ("mesh=test; node=node-b;", .right(.otherZone)),
            ("mesh=test; node=node-1; zone=z1", .unknownNode), ("mesh=test; node=node-100; zone=z1", .unknownNode),
            ("mesh=test; node=NODE-A; zone=z1", .unknownNode), ("mesh=test; node=; zone=z1", .unknownNode),
            ("mesh=test; node= node-a; zone=z1", .unknownNode), ("mesh=test; node=node-a ; zone=z1", .unknownNode),
            ("mesh=test; node=node-a", .unknownNode), ("mesh=test; node=", .unknownNode),
            ("mesh=test2; node=node-a; zone=z1", .otherMesh), ("mesh=tes; node=node-a; zone=z1", .otherMesh),
            ("mesh=Test; node=node-a; zone=z1", .otherMesh), ("mesh=test;node=node-a; zone=z1", .otherMesh),
            ("node=node-a; mesh=test; zone=z1", .otherMesh), ("x mesh=test; node=node-a;", .otherMesh),
            ("", .otherMesh),
            ("mesh=test; node=node-a; zone=z1, mesh=test; node=node-a; zone=z1", .several),
            ("mesh=test; node=node-a; zone=z1,", .several),
        ] as [(String, AnswerHead.Respondent)])
    func anyPeer(identity: String, respondent: AnswerHead.Respondent) {
        let head = head(from: .anyPeer, "HTTP/1.1 200 OK", "Heartmesh: \(identity)", "")
        #expect(head.respondent == respondent)
        #expect(head.isWhole)
        let isRight = if case .right = respondent { true } else { false }
        #expect(head.identity == (isRight ? [] : Array(identity.utf8)))
    }

    @Test(
        arguments: [
            ("mesh=test; node=node-1; zone=", .right(nil)), ("mesh=test; node=node-1;", .right(nil)),
            ("mesh=test; node=node-10; zone=", .otherNode), ("mesh=test; node=node-1", .otherNode),
            ("mesh=test2; node=node-1; zone=", .otherNode), ("mesh=test; node=node-; node=node-1;", .otherNode),
        ] as [(String, AnswerHead.Respondent)])
    func oneNode(identity: String, respondent: AnswerHead.Respondent) {
        let head = head(from: .node("node-1"), "HTTP/1.1 200 OK", "heartmesh:\t\(identity) ", "")
        #expect(head.respondent == respondent)
    }

    /// An Ingress adds none: whoever says it twice is not the responder alone.
    @Test(arguments: ["node-a", "node-b", "other"])
    func twoIdentities(other: String) {
        let lines = ["node-a", other].map { "Heartmesh: mesh=test; node=\($0); zone=z1" }
        for lines in [lines, lines.reversed()] {
            for answerer in [Target.Answerer.node("node-a"), .anyPeer] {
                let head = head(from: answerer, "HTTP/1.1 200 OK", lines[0], "Date: today", lines[1], "")
                #expect(head.respondent == .several)
            }
        }
    }

    @Test func interimAnswersAndTrailersSpeakForNobody() {
        let identity = "Heartmesh: mesh=test; node=node-a; zone=z1"
        let interim = head(
            from: .anyPeer, "HTTP/1.1 103 Early Hints", identity, "", "HTTP/1.1 200 OK", "Date: today", "")
        #expect(interim.respondent == .nobody)
        let both = head(from: .anyPeer, "HTTP/1.1 103 Early Hints", identity, "", "HTTP/1.1 200 OK", identity, "")
        #expect(both.respondent == .right(.sameNode))
        let trailer = head(from: .anyPeer, "HTTP/1.1 200 OK", "", identity)
        #expect(trailer.respondent == .nobody)
        #expect(!head(from: .anyPeer, "HTTP/1.1 200 OK", identity).isWhole)
    }

    /// What may come from anywhere: nothing of it is kept but its start.
    @Test func longAndStrangeLines() {
        let long = String(repeating: "n", count: 100_000)
        #expect(head(from: .anyPeer, "HTTP/1.1 200 OK", "Heartmesh: \(long)", "").identity.count == 256)
        for line in ["Heartmesh", "Heartmesh ", "H", "h:", "Heartmesh : mesh=test; node=node-a;", "Heartmesh2: x", ""] {
            #expect(head(from: .anyPeer, "HTTP/1.1 200 OK", line, "").respondent == .nobody)
        }
        var bytes = Array("Heartmesh: mesh=test; node=node-a;".utf8)
        for index in bytes.indices {
            bytes[index] ^= 0x80
            var head = AnswerHead(from: AnswerHead.Answerer(.anyPeer, mesh: "test"))
            bytes.withUnsafeBytes { line in
                if AnswerHead.matters(line) { head.received(line) { AnswerHeadTests.known.locality(of: $0) } }
            }
            // Only the blank after the colon may be something else… which it may not.
            if case .right = head.respondent { Issue.record("byte \(index)") }
            bytes[index] ^= 0x80
        }
    }

    private func head(from answerer: Target.Answerer, _ lines: String...) -> AnswerHead {
        var head = AnswerHead(from: AnswerHead.Answerer(answerer, mesh: "test"))
        for line in lines {
            Array("\(line)\r\n".utf8).withUnsafeBytes { bytes in
                if AnswerHead.matters(bytes) { head.received(bytes) { AnswerHeadTests.known.locality(of: $0) } }
            }
        }
        return head
    }
}
