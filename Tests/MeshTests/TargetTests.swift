import Mesh
import Testing

struct TargetTests {
    @Test func labels() {
        #expect(
            Channel.allCases.map(\.rawValue) == [
                "pod", "multus", "node", "cluster_ip", "hairpin", "node_port", "load_balancer", "ingress", "api_server",
                "url",
            ])
        #expect(ProbeProtocol.allCases.map(\.rawValue) == ["http", "https", "tcp"])
        #expect(Payload.allCases.map(\.rawValue) == ["small"])
    }

    /// A target that differs in anything has another phase and another series.
    @Test func everyPropertyTellsTargetsApart() throws {
        let (one, two) = (try #require(IPAddress("10.0.0.1")), try #require(IPAddress("10.0.0.2")))
        func target(_ address: IPAddress, port: UInt16 = 1, node: String = "a", zone: String = "z") -> Target {
            Target(channel: .pod, probe: .http, address: address, port: port, node: node, zone: zone, answerer: .server)
        }
        #expect(target(one) == target(one))
        #expect(
            Set([
                target(one), target(two), target(one, port: 2), target(one, node: "b"), target(one, zone: ""),
                target(one),
            ]).count == 5)
        #expect(target(one).payload == .small)
    }
}
