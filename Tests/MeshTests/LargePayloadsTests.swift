import Mesh
import Testing

struct LargePayloadsTests {
    private func targets(_ sizes: [Channel: Int], _ services: [Service] = []) throws -> [Target] {
        var settings = Plan.Settings()
        settings.largePayloads = sizes
        var plan = Plan(node: "own", zone: "z1", settings: settings)
        let address = try #require(IPAddress("192.0.2.9"))
        let other = Peer(
            node: "a", zone: "z2", addresses: [try #require(IPAddress("10.0.0.2"))], port: 8873,
            nodeAddresses: [address])
        return plan.replace(Topology([try peer("own", ["10.0.0.1"]), other], services: services)).added
    }

    @Test func aTwinDiffersInItsPayloadOnly() throws {
        let targets = try targets([.pod: 8192]).filter { $0.channel == .pod && $0.probe == .http }
        try #require(targets.count == 2)
        let (small, large) = (targets[0], targets[1])
        #expect(small.payload == .small && large.payload == .large)
        #expect(large.payloadSize == 8192)
        #expect(small.url == "http://10.0.0.2:8873/")
        #expect(large.url == "http://10.0.0.2:8873/?size=8192")
        #expect((small.node, small.zone, small.place) == (large.node, large.zone, large.place))
        #expect(small.answerer == large.answerer)
    }

    @Test func onlyWhereItIsAskedFor() throws {
        #expect(try targets([:]).allSatisfy { $0.payload == .small })
        #expect(try targets([.multus: 8192]).allSatisfy { $0.payload == .small })
    }

    /// A connection carries nothing.
    @Test func notOverTCPAlone() throws {
        let targets = try targets([.node: 8192])
        #expect(targets.contains { $0.channel == .node })
        #expect(targets.allSatisfy { $0.payload == .small })
    }

    @Test func theHostAndThePathStay() throws {
        let address = try #require(IPAddress("192.0.2.10"))
        for (path, expected) in [("/beat", "/beat?size=2000"), ("/beat?a=b", "/beat?a=b&size=2000")] {
            let service = Service(
                channel: .ingress, name: "x", probe: .https, host: "beat.example", path: path, port: 443,
                addresses: [address])
            let large = try targets([.ingress: 2000], [service]).filter { $0.payload == .large }
            #expect(large.map(\.url) == ["https://beat.example:443\(expected)"])
        }
    }

    @Test func channelsWithAResponderAtTheirEnd() {
        let others = Channel.allCases.filter { !$0.takesLargePayload }
        #expect(others == [.node, .apiServer, .dns, .url])
    }
}
