import Testing

@testable import Mesh

private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

private func addresses(_ texts: [String]) throws -> [IPAddress] { try texts.map(address) }

/// A peer with all that a node can have.
private func full(
    _ node: String, _ number: Int, zone: String = "z1", families: [IPFamily] = [.ipv4, .ipv6]
) throws -> Peer {
    func both(_ ipv4: String, _ ipv6: String) throws -> [IPAddress] {
        try addresses([ipv4, ipv6]).filter { families.contains($0.family) }
    }
    return Peer(
        node: node, zone: zone, addresses: try both("10.0.0.\(number)", "fd00::\(number)"), port: 8873,
        nodeAddresses: try both("172.20.0.\(number)", "fd20::\(number)"),
        networks: try both("172.28.0.\(number)", "fd28::\(number)").map {
            NetworkAddress(network: "ns/storage", address: $0)
        })
}

/// How a plan's targets read: `channel node/name url`.
private func lines(_ plan: Plan, _ channel: Channel) -> [String] {
    plan.targets.filter { $0.channel == channel }.map { target in
        [target.node, target.name, target.url].filter { !$0.isEmpty }.joined(separator: " ")
    }.sorted()
}

struct ServiceTargetsTests {
    private func plan(
        _ topology: Topology, _ change: (inout Plan.Settings) -> Void = { _ in }
    ) -> Plan {
        var settings = Plan.Settings()
        change(&settings)
        var plan = Plan(node: "own", zone: "", settings: settings)
        _ = plan.replace(topology)
        return plan
    }

    @Test func everyAddressOfAPeersNodeAndNetworks() throws {
        let plan = plan(Topology([try full("own", 1), try full("a", 2)]))
        #expect(lines(plan, .node) == ["a tcp://172.20.0.2:10250", "a tcp://[fd20::2]:10250"])
        #expect(
            lines(plan, .multus) == [
                "a ns/storage http://172.28.0.2:8873/", "a ns/storage http://[fd28::2]:8873/",
            ])
        #expect(plan.targets.filter { $0.channel == .multus }.allSatisfy { $0.answerer == .node("a") })
        #expect(plan.targets.filter { $0.channel == .node }.allSatisfy { $0.answerer == .server })
        #expect(plan.watched == ["a"])
    }

    /// Traps, 10: the own node's port needs no network, the others' do.
    @Test func nodePortsAreOnTheOwnNodeAndOnThePeers() throws {
        let service = Service(channel: .nodePort, name: "np", port: 30890, families: [.ipv4])
        let plan = plan(Topology([try full("own", 1), try full("a", 2, zone: "z2")], services: [service]))
        #expect(
            lines(plan, .nodePort) == ["a np http://172.20.0.2:30890/", "own np http://172.20.0.1:30890/"])
        #expect(Set(plan.targets.filter { $0.channel == .nodePort }.map(\.zone)) == ["z1", "z2"])
        #expect(plan.targets.filter { $0.channel == .nodePort }.allSatisfy { $0.answerer == .anyPeer })
    }

    /// Traps, 9: all addresses, both families.
    @Test func everyAddressOfAServiceIsATarget() throws {
        let plan = plan(
            Topology(
                [try full("own", 1)],
                services: [
                    Service(
                        channel: .clusterIP, name: "hm", port: 8900, addresses: try addresses(["10.96.0.7", "fd96::7"])),
                    Service(channel: .hairpin, name: "pin", port: 8900, addresses: try addresses(["10.96.0.8"])),
                    Service(
                        channel: .loadBalancer, name: "lb", port: 80,
                        addresses: try addresses(["198.51.100.1", "198.51.100.2"])),
                    Service(
                        channel: .ingress, name: "beat.example/beat", probe: .https, host: "beat.example",
                        path: "/beat", port: 443, addresses: try addresses(["198.51.100.3", "2001:db8::3"])),
                    Service(
                        channel: .apiServer, name: "10.96.0.1", probe: .https, path: "/livez", port: 443,
                        addresses: try addresses(["10.96.0.1"])),
                ]))
        #expect(lines(plan, .clusterIP) == ["hm http://10.96.0.7:8900/", "hm http://[fd96::7]:8900/"])
        #expect(lines(plan, .hairpin) == ["pin http://10.96.0.8:8900/"])
        #expect(lines(plan, .loadBalancer) == ["lb http://198.51.100.1:80/", "lb http://198.51.100.2:80/"])
        #expect(
            lines(plan, .ingress) == Array(repeating: "beat.example/beat https://beat.example:443/beat", count: 2))
        #expect(
            plan.targets.filter { $0.channel == .ingress }.map(\.place).sorted() == [
                "198.51.100.3:443", "[2001:db8::3]:443",
            ])
        #expect(lines(plan, .apiServer) == ["10.96.0.1 https://10.96.0.1:443/livez"])
        let answerers = Dictionary(plan.targets.map { ($0.channel, $0.answerer) }) { $1 }
        #expect(
            answerers == [
                .clusterIP: .anyPeer, .hairpin: .node("own"), .loadBalancer: .anyPeer, .ingress: .anyPeer,
                .apiServer: .server,
            ])
        #expect(plan.unprobed.isEmpty)
    }

    /// Traps, 2: what has no address is not probed, and says so.
    @Test func whatHasNoAddressIsPendingOrUnresolved() throws {
        let plan = plan(
            Topology(
                [try full("own", 1)],
                services: [
                    Service(channel: .loadBalancer, name: "pending", port: 80),
                    Service(channel: .loadBalancer, name: "named", port: 80, unresolved: ["lb.example"]),
                    Service(
                        channel: .loadBalancer, name: "half", port: 80, addresses: try addresses(["198.51.100.1"]),
                        unresolved: ["lb2.example"]),
                ]))
        #expect(lines(plan, .loadBalancer) == ["half http://198.51.100.1:80/"])
        #expect(plan.unprobed.map(\.state) == [.pending, .unresolved, .unresolved])
        #expect(plan.unprobed.map(\.name) == ["pending", "named", "half"])
        #expect(plan.unprobed.map(\.place) == ["", "lb.example", "lb2.example"])
    }

    /// Traps, 18.
    @Test func aFamilyThatThisNodeLacksIsExcludedOnEveryChannel() throws {
        let both = try addresses(["10.96.0.7", "fd96::7"])
        let plan = plan(
            Topology(
                [try full("own", 1, families: [.ipv4]), try full("a", 2)],
                services: [
                    Service(channel: .clusterIP, name: "hm", port: 1, addresses: both),
                    Service(channel: .nodePort, name: "np", port: 2),
                ]))
        #expect(plan.targets.allSatisfy { $0.address.family == .ipv4 })
        #expect(
            plan.unprobed.map { "\($0.channel.rawValue) \($0.node) \($0.place) \($0.state.rawValue)" } == [
                "pod a [fd00::2]:8873 excluded", "multus a [fd28::2]:8873 excluded",
                "node a [fd20::2]:10250 excluded", "cluster_ip  [fd96::7]:1 excluded",
                "node_port a [fd20::2]:2 excluded",
            ])
        #expect(plan.unprobed.first?.text == "this node's pod has no IPv6 address")
    }

    /// A pod without the secondary interface has no way into its network.
    @Test func aNetworkThatThisNodeLacksIsExcluded() throws {
        let own = Peer(
            node: "own", zone: "z1", addresses: try addresses(["10.0.0.1"]), port: 8873,
            networks: [NetworkAddress(network: "ns/other", address: try address("192.168.0.1"))])
        let plan = plan(Topology([own, try full("a", 2, families: [.ipv4])]))
        #expect(lines(plan, .multus).isEmpty)
        #expect(plan.unprobed.map(\.text) == ["this node's pod has no IPv4 address in ns/storage"])
    }

    @Test func aChannelThatIsOffHasNoTargets() throws {
        let topology = Topology(
            [try full("own", 1), try full("a", 2)],
            services: [
                Service(channel: .nodePort, name: "np", port: 2), Service(channel: .loadBalancer, name: "lb", port: 1),
            ])
        let plan = plan(topology) { $0.protocols = [.pod: [.http]] }
        #expect(Set(plan.targets.map(\.channel)) == [.pod])
        #expect(plan.unprobed.isEmpty)
    }

    @Test func aRequiredChannelWithoutAnythingIsMissing() throws {
        let topology = Topology(
            [try full("own", 1), try full("a", 2)],
            services: [Service(channel: .loadBalancer, name: "lb", port: 1)])
        let plan = plan(topology) { $0.required = [.pod, .loadBalancer, .ingress] }
        #expect(plan.unprobed.map(\.channel) == [.loadBalancer, .ingress])
        #expect(plan.unprobed.map(\.state) == [.pending, .missing])
    }

    /// Two Ingresses may have the same rule.
    @Test func theSameTargetTwiceIsOne() throws {
        let rule = Service(
            channel: .ingress, name: "beat.example/", host: "beat.example", port: 80,
            addresses: try addresses(["198.51.100.3", "198.51.100.3"]))
        var plan = Plan(node: "own", zone: "", settings: Plan.Settings())
        let change = plan.replace(Topology([try full("own", 1)], services: [rule, rule]))
        #expect(change.added.count == 1)
    }

    @Test func onlyWhatChangedIsReplaced() throws {
        var plan = Plan(node: "own", zone: "", settings: Plan.Settings())
        let peers = [try full("own", 1), try full("a", 2)]
        func service(_ text: String) throws -> Service {
            Service(channel: .clusterIP, name: "hm", port: 1, addresses: [try address(text)])
        }
        _ = plan.replace(Topology(peers, services: [try service("10.96.0.7")]))
        let change = plan.replace(Topology(peers, services: [try service("10.96.0.8")]))
        #expect(change.removed.map(\.place) == ["10.96.0.7:1"])
        #expect(change.added.map(\.place) == ["10.96.0.8:1"])
    }

    @Test func onlyWhatBelongsToAPeerHasItsState() throws {
        let draining = Peer(
            node: "a", zone: "z1", addresses: try addresses(["10.0.0.2"]), port: 8873, state: .draining,
            nodeAddresses: try addresses(["172.20.0.2"]))
        let plan = plan(
            Topology(
                [try full("own", 1), draining],
                services: [
                    Service(channel: .nodePort, name: "np", port: 2),
                    Service(channel: .clusterIP, name: "hm", port: 1, addresses: try addresses(["10.96.0.7"])),
                ]))
        var lifeCycle = LifeCycle(node: "own", warmup: 0)
        lifeCycle.replace(plan.topology, at: 0)
        let states = Dictionary(plan.targets.map { ("\($0.channel.rawValue) \($0.node)", lifeCycle.state(of: $0)) }) {
            $1
        }
        #expect(
            states == [
                "pod a": .draining, "node a": .draining, "node_port a": .draining, "node_port own": .active,
                "cluster_ip ": .active,
            ])
    }

    /// One target for each address and protocol, in the families that this node's pod has, whatever of it was discovered.
    @Test func serversOfDNS() throws {
        let services = try [ProbeProtocol.udp, .tcp].map { probe in
            Service(
                channel: .dns, name: "example.com/A", probe: probe, path: "", port: 53,
                addresses: try addresses(["192.0.2.1", "2001:db8::1"]))
        }
        let topology = Topology([try full("own", 1, families: [.ipv4])]).adding(services)
        let plan = plan(topology) { $0.protocols[.dns] = [.udp, .tcp] }
        #expect(lines(plan, .dns) == ["example.com/A tcp://192.0.2.1:53", "example.com/A udp://192.0.2.1:53"])
        #expect(plan.targets.filter { $0.channel == .dns }.allSatisfy { $0.answerer == .server })
        #expect(plan.unprobed.filter { $0.channel == .dns }.map(\.state) == [.excluded])
        #expect(self.plan(topology) { $0.protocols[.dns] = [.udp] }.targets.filter { $0.channel == .dns }.count == 1)
    }
}
