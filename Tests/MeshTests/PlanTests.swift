import Testing

@testable import Mesh

struct PlanTests {
    @Test func ownNodeIsNoTarget() throws {
        var plan = Plan(node: "b", zone: "", settings: .httpOnly)
        let change = plan.replace(
            Topology([
                try peer("c", ["10.0.0.3"]), try peer("a", zone: "z2", ["10.0.0.1"]), try peer("b", ["10.0.0.2"]),
            ]))
        #expect(change.removed.isEmpty)
        #expect(
            change.added == [
                try target("a", zone: "z2", "10.0.0.1"), try target("c", "10.0.0.3"),
            ])
        #expect(plan.targets == Set(change.added))
        #expect(plan.peers.map(\.node) == ["a", "c"])
        #expect(plan.topology.peers.count == 3)
    }

    @Test func everyAddressIsATarget() throws {
        let topology = Topology([
            try peer("own", ["10.0.0.1", "fd00::1"]), try peer("a", ["10.0.0.2", "fd00::2", "10.1.0.2"]),
        ])
        var plan = Plan(node: "own", zone: "", settings: .httpOnly)
        #expect(plan.replace(topology).added.map(\.address.description) == ["10.0.0.2", "fd00::2", "10.1.0.2"])
    }

    /// Traps, 18.
    @Test(arguments: [
        (["10.0.0.1"], ["10.0.0.2"]), (["fd00::1"], ["fd00::2"]), (["10.0.0.1", "fd00::1"], ["10.0.0.2", "fd00::2"]),
    ])
    func aFamilyThatThisNodeLacksIsNotProbed(own: [String], probed: [String]) throws {
        var plan = Plan(node: "own", zone: "", settings: .httpOnly)
        let change = plan.replace(Topology([try peer("own", own), try peer("a", ["10.0.0.2", "fd00::2"])]))
        #expect(change.added.map(\.address.description) == probed)
    }

    @Test func bothFamiliesAreProbedWhileThisNodeIsNotKnown() throws {
        var plan = Plan(node: "own", zone: "", settings: .httpOnly)
        let change = plan.replace(Topology([try peer("a", ["10.0.0.2", "fd00::2"])]))
        #expect(change.added.count == 2)
    }

    @Test func whatStaysIsLeftAlone() throws {
        var plan = try plan(with: [peer("a", ["10.0.0.1"]), peer("b", ["10.0.0.2"])])
        #expect(plan.replace(plan.topology).isEmpty)
        // Neither the order nor a peer's state is part of a target.
        #expect(
            plan.replace(
                Topology([try peer("b", ["10.0.0.2"], state: .draining), try peer("a", ["10.0.0.1"], state: .notReady)])
            ).isEmpty)
        let change = plan.replace(Topology([try peer("b", ["10.0.0.2"]), try peer("c", ["10.0.0.3"])]))
        #expect(change == Plan.Change(removed: [try target("a", "10.0.0.1")], added: [try target("c", "10.0.0.3")]))
        #expect(plan.targets == [try target("b", "10.0.0.2"), try target("c", "10.0.0.3")])
        #expect(plan.replace(Topology([])).removed == [try target("b", "10.0.0.2"), try target("c", "10.0.0.3")])
        #expect(plan.targets.isEmpty)
    }

    @Test func aNewAddressReplacesTheOldOne() throws {
        var plan = try plan(with: [peer("a", ["10.0.0.1", "fd00::1"])])
        let change = plan.replace(Topology([try peer("a", ["10.0.0.7", "fd00::1"])]))
        #expect(change == Plan.Change(removed: [try target("a", "10.0.0.1")], added: [try target("a", "10.0.0.7")]))
    }

    @Test func aNewPortReplacesTheTarget() throws {
        var plan = try plan(with: [peer("a", ["10.0.0.1"])])
        let change = plan.replace(Topology([try peer("a", ["10.0.0.1"], port: 9)]))
        #expect(change.removed == [try target("a", "10.0.0.1")])
        #expect(change.added.map(\.port) == [9])
    }

    @Test func anotherZoneReplacesTheTarget() throws {
        var plan = try plan(with: [peer("a", ["10.0.0.1"]), peer("b", ["10.0.0.2"])])
        let change = plan.replace(Topology([try peer("a", zone: "z9", ["10.0.0.1"]), try peer("b", ["10.0.0.2"])]))
        #expect(
            change
                == Plan.Change(
                    removed: [try target("a", "10.0.0.1")], added: [try target("a", zone: "z9", "10.0.0.1")]))
    }

    @Test func anotherZoneOfThisNodeReplacesAllTargets() throws {
        let others = [try peer("a", ["10.0.0.1"]), try peer("b", ["10.0.0.2"])]
        var plan = Plan(node: "own", zone: "", settings: .httpOnly)
        let first = plan.replace(Topology([try peer("own", zone: "z1", ["10.0.0.9"])] + others))
        #expect(plan.zone == "z1")
        let change = plan.replace(Topology([try peer("own", zone: "z2", ["10.0.0.9"])] + others))
        #expect(plan.zone == "z2")
        #expect(change == Plan.Change(removed: first.added, added: first.added))
        // A moment without the own pod is not another zone.
        #expect(plan.replace(Topology(others)).isEmpty)
        #expect(plan.zone == "z2")
    }

    @Test func aConfiguredZoneStays() throws {
        var plan = Plan(node: "own", zone: "here", settings: .httpOnly)
        let others = [try peer("a", ["10.0.0.1"])]
        _ = plan.replace(Topology([try peer("own", zone: "z1", ["10.0.0.9"])] + others))
        #expect(plan.replace(Topology([try peer("own", zone: "z2", ["10.0.0.9"])] + others)).isEmpty)
        #expect(plan.zone == "here")
    }

    @Test func aChannelWithoutProtocolsHasNoTargets() throws {
        var settings = Plan.Settings.httpOnly
        settings.protocols = [:]
        var plan = Plan(node: "own", zone: "", settings: settings)
        #expect(plan.replace(Topology([try peer("a", ["10.0.0.1"])])).isEmpty)
    }

    @Test func aboveTheLimitTheWatchSetIsProbed() throws {
        var settings = Plan.Settings.httpOnly
        settings.fullMeshLimit = 8
        settings.watch = 3
        let peers = try (0..<20).map { try peer("n\($0)", ["10.0.0.\($0)", "10.1.0.\($0)"]) }
        var plan = Plan(node: "n4", zone: "", settings: settings)
        let added = plan.replace(Topology(peers)).added
        let watched = watchSet(of: "n4", among: peers.map(\.node), fullMeshLimit: 8, rings: 3)
        #expect(Set(added.map(\.node)) == watched)
        #expect(added.count == 2 * watched.count)
        #expect(plan.peers.count == 19)
        #expect(plan.replace(Topology(Array(peers[..<8]))).removed.allSatisfy { Int($0.node.dropFirst())! >= 8 })
        #expect(Set(plan.targets.map(\.node)).count == 7)
    }

    /// A pod's address is probed in every way that the channel has, at the same port.
    @Test func anAddressIsATargetOfEveryProtocol() throws {
        var plan = Plan(node: "own", zone: "", settings: Plan.Settings())
        let added = plan.replace(Topology([try peer("a", ["10.0.0.2", "fd00::2"])])).added
        #expect(
            added.map(\.url) == [
                "http://10.0.0.2:8873/", "http://[fd00::2]:8873/", "udp://10.0.0.2:8873", "udp://[fd00::2]:8873",
            ])
        #expect(added.allSatisfy { $0.answerer == .node("a") })
    }

    private func plan(with peers: [Peer]) throws -> Plan {
        var plan = Plan(node: "own", zone: "", settings: .httpOnly)
        _ = plan.replace(Topology(peers))
        return plan
    }
}

extension Plan.Settings {
    /// These tests count addresses.
    fileprivate static var httpOnly: Plan.Settings {
        var settings = Plan.Settings()
        settings.protocols[.pod] = [.http]
        return settings
    }
}

private func target(_ node: String, zone: String = "z1", _ address: String) throws -> Target {
    Target(
        channel: .pod, probe: .http, address: try #require(IPAddress(address)), port: 8873, node: node, zone: zone,
        answerer: .node(node))
}
