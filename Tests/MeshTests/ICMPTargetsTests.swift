import Mesh
import Testing

struct ICMPTargetsTests {
    private static func topology() throws -> Topology {
        func addresses(_ texts: String...) throws -> [IPAddress] { try texts.map { try #require(IPAddress($0)) } }
        return Topology(
            [
                Peer(
                    node: "a", zone: "z1", addresses: try addresses("10.0.0.2"), port: 8873,
                    nodeAddresses: try addresses("172.20.0.2", "fd20::2"),
                    networks: try addresses("172.28.0.2").map { NetworkAddress(network: "ns/net", address: $0) })
            ],
            services: [
                Service(channel: .url, name: "router", probe: .icmp, port: 0, addresses: try addresses("192.0.2.1"))
            ])
    }

    private static func plan(_ change: (inout Plan.Settings) -> Void) throws -> Plan {
        var settings = Plan.Settings()
        for channel in [Channel.pod, .multus] { settings.protocols[channel] = [.icmp] }
        settings.protocols[.node] = [.tcp, .icmp]
        change(&settings)
        var plan = Plan(node: "own", zone: "", settings: settings)
        _ = plan.replace(try topology())
        return plan
    }

    /// A kernel answers, which says nothing of who it is, and has no port.
    @Test func anAddressIsAskedAsItIs() throws {
        let targets = try Self.plan { _ in }.targets.filter { $0.probe == .icmp }
        #expect(
            Set(targets.map { "\($0.channel) \($0.url) \($0.place)" }) == [
                "pod icmp://10.0.0.2 10.0.0.2", "multus icmp://172.28.0.2 172.28.0.2",
                "node icmp://172.20.0.2 172.20.0.2", "node icmp://[fd20::2] fd20::2", "url icmp://192.0.2.1 192.0.2.1",
            ])
        #expect(targets.allSatisfy { $0.answerer == .server && $0.port == 0 && $0.payload == .small })
    }

    /// Not even where the channel has large probes.
    @Test func noneIsLarge() throws {
        let plan = try Self.plan { $0.largePayloads = [.pod: 8192] }
        #expect(plan.targets.allSatisfy { $0.payload == .small })
    }

    @Test func whatIsForbiddenIsListedAndNotProbed() throws {
        let plan = try Self.plan {
            $0.forbidden = [.icmp: "not allowed"]
            $0.required = [.pod, .node]
        }
        #expect(plan.targets.map(\.probe) == [.tcp, .tcp])
        #expect(plan.unprobed.allSatisfy { $0.state == .permission && $0.text == "not allowed" })
        #expect(
            Set(plan.unprobed.map { "\($0.channel) \($0.node) \($0.name) \($0.place)" }) == [
                "pod a  10.0.0.2", "multus a ns/net 172.28.0.2", "node a  172.20.0.2", "node a  fd20::2",
                "url  router 192.0.2.1",
            ])
    }

    /// A family that this node lacks is no matter of permission.
    @Test func whatIsExcludedStaysSo() throws {
        var plan = try Self.plan { $0.forbidden = [.icmp: "not allowed"] }
        let own = Peer(node: "own", zone: "", addresses: [try #require(IPAddress("10.0.0.9"))], port: 8873)
        _ = plan.replace(Topology(try Self.topology().peers + [own]))
        #expect(plan.unprobed.filter { $0.place == "fd20::2" }.map(\.state) == [.excluded])
    }

    @Test func icmpDoesNotCountForPeers() {
        #expect(ProbeProtocol.allCases.filter(\.countsForPeer) == [.http, .https, .tcp, .tls])
        #expect(ProbeProtocol.allCases.filter(\.isTCP) == [.http, .https, .tcp, .tls])
    }
}
