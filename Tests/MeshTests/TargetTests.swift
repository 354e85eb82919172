import Mesh
import Testing

struct TargetTests {
    @Test func labels() {
        #expect(
            Channel.allCases.map(\.rawValue) == [
                "pod", "multus", "node", "cluster_ip", "hairpin", "node_port", "load_balancer", "ingress", "api_server",
                "dns", "url",
            ])
        #expect(ProbeProtocol.allCases.map(\.rawValue) == ["http", "https", "tcp", "udp", "tls", "icmp"])
        #expect(Payload.allCases.map(\.rawValue) == ["small", "large"])
    }

    @Test func defaultProtocols() {
        #expect(Channel.pod.defaultProtocols == [.http, .udp])
        #expect(Channel.multus.defaultProtocols == [.http])
        #expect(Channel.multus.protocols == [.http, .udp, .icmp])
        // A network that drops ICMP is not broken.
        #expect(Channel.pod.protocols == [.http, .udp, .icmp])
        #expect(Channel.node.defaultProtocols == [.tcp] && Channel.node.protocols == [.tcp, .icmp])
        for channel in Channel.allCases where ![.pod, .multus, .node, .dns].contains(channel) {
            #expect(channel.defaultProtocols == channel.protocols)
        }
    }

    @Test(arguments: [
        (ProbeProtocol.http, "", "http://[2001:db8::1]:53/q"), (.https, "dns.example", "https://dns.example:53/q"),
        (.tls, "dns.example", "tls://dns.example:53/q"), (.tcp, "dns.example", "tcp://[2001:db8::1]:53"),
        (.udp, "", "udp://[2001:db8::1]:53"), (.icmp, "dns.example", "icmp://[2001:db8::1]"),
    ])
    func whatIsAskedFor(probe: ProbeProtocol, host: String, url: String) throws {
        let address = try #require(IPAddress("2001:db8::1"))
        let target = Target(
            channel: .dns, probe: probe, address: address, port: 53, host: host, path: "/q", answerer: .server)
        #expect(target.url == url)
    }

    /// A target that differs in anything has another phase and another series.
    @Test func everyPropertyTellsTargetsApart() throws {
        let (one, two) = (try #require(IPAddress("10.0.0.1")), try #require(IPAddress("10.0.0.2")))
        func target(
            _ address: IPAddress, port: UInt16 = 1, node: String = "a", zone: String = "z", payloadSize: Int = 0
        ) -> Target {
            Target(
                channel: .pod, probe: .http, address: address, port: port, node: node, zone: zone,
                payloadSize: payloadSize, answerer: .server)
        }
        #expect(target(one) == target(one))
        #expect(
            Set([
                target(one), target(two), target(one, port: 2), target(one, node: "b"), target(one, zone: ""),
                target(one), target(one, payloadSize: 1),
            ]).count == 6)
        #expect(target(one).payload == .small)
        #expect(target(one, payloadSize: 1).payload == .large)
    }
}
