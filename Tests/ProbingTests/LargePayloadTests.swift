import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// The answer of a responder that has taken what came and gives as much back as the query asks for.
///
/// - Parameter received: What it says that it has taken; nil: what it has.
func largeAnswer(
    to request: HTTPRequest, node: String = "node-a", received: String? = nil, size: Int? = nil
) -> [UInt8] {
    let size = size ?? request.query["size"].flatMap(Int.init) ?? 0
    let identity = Identity.header(mesh: "test", node: node, zone: "z1", uid: "u", state: "active")
    var headers: Headers = [Identity.headerName: identity]
    if request.method == "POST" {
        headers.append(Identity.receivedHeaderName, received ?? "\(request.body.count)")
    }
    return StubServer.response(headers: headers, body: String(repeating: "x", count: size))
}

/// Responders that take and give large payloads, and are node-a: one on 127.0.0.1, one on ::1.
enum LargeAnswerer {
    static let shared = Result {
        try ["127.0.0.1", "::1"].map { try StubServer(host: $0) { [.bytes(largeAnswer(to: $0))] } }
    }
}

struct LargePayloadTests {
    private static let size = 8192

    private static func large(_ address: SocketAddress, size: Int = size) throws -> Target {
        Target(
            channel: .pod, probe: .http, address: try #require(IPAddress(address.host)), port: address.port,
            path: "/?size=\(size)", payloadSize: size, answerer: .node("node-a"))
    }

    @Test(arguments: [1500, 8192, 65_536])
    func goesBothWays(size: Int) throws {
        let server = try StubServer { [.bytes(largeAnswer(to: $0))] }
        let result = try probe(Self.large(server.address, size: size))
        #expect(result.outcome.isSuccess, "\(result)")
        let request = try #require(server.requests.first)
        #expect(request.method == "POST")
        #expect(request.target == "/?size=\(size)")
        #expect(request.body.count == size)
        #expect(request.headers.fields.map(\.name) == ["Host", "User-Agent", "Content-Type", "Content-Length"])
    }

    @Test(
        arguments: [
            ("8191", nil), ("0", nil), ("", nil), ("-8192", nil), ("8192 bytes", nil), ("99999999999999999999", nil),
            (nil, 8191), (nil, 8193), (nil, 0), ("8191", 8193),
        ] as [(String?, Int?)])
    func aPartIsNotEnough(received: String?, size: Int?) throws {
        let server = try StubServer { [.bytes(largeAnswer(to: $0, received: received, size: size))] }
        let result = try probe(Self.large(server.address))
        #expect(result.outcome == .failure(.body))
        #expect(result.detail.hasPrefix("of 8192 bytes each way "), "\(result.detail)")
    }

    /// Any web server answers a POST with something.
    @Test func whoeverDoesNotSayWhatItHasTakenIsNoResponder() throws {
        let server = try StubServer(answer: answer(body: String(repeating: "x", count: Self.size)))
        let result = try probe(Self.large(server.address))
        #expect(result.outcome == .failure(.body))
        #expect(result.detail == "of 8192 bytes each way an unknown number arrived and 8192 came back")
    }

    @Test func anotherNodesAnswerIsTheWrongPeers() throws {
        let server = try StubServer { [.bytes(largeAnswer(to: $0, node: "node-b", size: 1))] }
        #expect(try probe(Self.large(server.address)).outcome == .failure(.wrongPeer))
    }

    @Test func aTruncatedAnswerIsAReset() throws {
        let server = try StubServer { [.bytes(largeAnswer(to: $0).dropLast()), .close] }
        #expect(try probe(Self.large(server.address)).outcome == .failure(.reset))
    }

    @Test func eachIsOnAConnectionOfItsOwn() throws {
        let server = try StubServer { [.bytes(largeAnswer(to: $0))] }
        let rig = try Rig()
        let slot = rig.prober.add(try Self.large(server.address), interval: .milliseconds(10), timeout: .seconds(30))
        #expect(rig.turn(while: { rig.results.count < 10 }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
        #expect(server.connectionCount >= rig.results.count)
    }

    /// A probe is used again, and for the other size not.
    @Test func smallAndLargeDoNotMix() throws {
        let server = try StubServer { [.bytes(largeAnswer(to: $0))] }
        let rig = try Rig()
        let slots = [
            rig.prober.add(try target(.http, server.address), interval: .milliseconds(10), timeout: .seconds(30)),
            rig.prober.add(try Self.large(server.address), interval: .milliseconds(15), timeout: .seconds(30)),
            rig.prober.add(
                try Self.large(server.address, size: 4000), interval: .milliseconds(20), timeout: .seconds(30)),
        ]
        #expect(rig.turn(while: { slots.contains { rig.results(of: $0).count < 10 } }))
        for slot in slots { rig.prober.remove(slot) }
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        #expect(rig.results.allSatisfy { $0.outcome.isSuccess })
        #expect(Set(server.requests.map { "\($0.method) \($0.body.count)" }) == ["GET 0", "POST 8192", "POST 4000"])
    }
}
