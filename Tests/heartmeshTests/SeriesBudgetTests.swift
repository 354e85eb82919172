import Discovery
import Exposition
import Mesh
import Probing
import Testing

@testable import heartmesh

/// What one exporter shows at most (design, 10): 1,000 series with default settings, dual-stack, three zones, every
/// channel on, at any number of nodes.
@Suite struct SeriesBudgetTests {
    private static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    private static func topology(_ count: Int) throws -> Topology {
        let peers = try (0..<count).map { number in
            func both(_ ipv4: String, _ ipv6: String) throws -> [IPAddress] {
                try [
                    address("\(ipv4).\(number / 250).\(number % 250 + 1)"),
                    address("\(ipv6)::\(String(number + 1, radix: 16))"),
                ]
            }
            return Peer(
                node: "node-\(number)", zone: "z\(number % 3)", addresses: try both("10.0", "fd00"), port: 8873,
                nodeAddresses: try both("172.20", "fd20"),
                networks: try both("172.28", "fd28").map { NetworkAddress(network: "ns/storage", address: $0) })
        }
        let outside = try [address("198.51.100.1"), address("2001:db8::1")]
        let inside = try [address("10.96.0.7"), address("fd96::7")]
        return Topology(
            peers,
            services: [
                Service(channel: .clusterIP, name: "heartmesh", port: 8873, addresses: inside),
                Service(channel: .hairpin, name: "heartmesh-hairpin", port: 8873, addresses: inside),
                Service(channel: .nodePort, name: "heartmesh-nodeport", port: 30873),
                Service(channel: .loadBalancer, name: "heartmesh-lb", port: 8873, addresses: outside),
                Service(
                    channel: .ingress, name: "beat.example/", probe: .https, host: "beat.example", port: 443,
                    addresses: outside),
                Service(
                    channel: .apiServer, name: "10.96.0.1", probe: .https, path: "/livez", port: 443,
                    addresses: [try address("10.96.0.1")]),
                Service(
                    channel: .apiServer, name: "kubernetes.default.svc", probe: .https,
                    host: "kubernetes.default.svc", path: "/livez", port: 443, addresses: [try address("10.96.0.1")]),
                Service(
                    channel: .url, name: "web", probe: .https, host: "www.example", port: 443, addresses: outside),
            ]
                + (try ["A", "AAAA"].map { type in
                    Service(
                        channel: .dns, name: "kubernetes.default.svc.cluster.local/\(type)", probe: .udp, path: "",
                        port: 53, addresses: [try address("10.96.0.10")])
                }))
    }

    @Test(arguments: [3, 20, 21, 500])
    func everyChannelFitsIntoTheBudget(nodes: Int) throws {
        var plan = Plan(node: "node-0", zone: "", settings: Plan.Settings(Configuration()))
        _ = plan.replace(try Self.topology(nodes))
        let metrics = Metrics(
            node: "node-0", channels: Channel.allCases, peers: .endpointslices,
            discoveryReasons: DiscoveryReason.ofKubernetes)
        for target in plan.targets {
            let series = metrics.probes.acquire(target, sourceZone: plan.zone)
            metrics.probes.failed(series, target, .timeout)
            if target.channel == .dns {
                metrics.dns.noted(target, .stray(.id))
                metrics.dns.noted(target, .rcode(.serverFailure))
            }
            if target.probe == .https {
                let certificates = metrics.certificates.acquire(target)
                metrics.certificates.show([CertificateDates(leaf: 1, earliest: 0)], certificates)
            }
        }
        metrics.show(targets: plan.targets.map { ($0.channel, .probed) })
        for resource in DiscoveryResource.allCases where resource != .file {
            metrics.discovery.succeeded(resource, at: 0, invalid: 0)
        }
        metrics.prepare()
        #expect(metrics.registry.seriesCount <= 1000)
        // Nothing is saved by leaving out what should be there.
        #expect(Set(plan.targets.map(\.channel)) == Set(Channel.allCases))
        print("series with \(nodes) nodes: \(metrics.registry.seriesCount)")
    }
}
