import Mesh
import Support
import Testing

@testable import Discovery

/// What a watch saw of a real DaemonSet of three nodes, as the states that lists would have shown one after the other.
struct SliceCacheReplayTests {
    /// The peers after each event of a recording, which began where an earlier one had ended.
    private func states(_ name: String, after earlier: String? = nil) throws -> [Topology] {
        var list = try ObjectList(Recording("3-daemonset/list/endpointslices.json").body)
        var cache = SliceCache(try slices(list.document()))
        func replay(_ name: String) throws -> [Topology] {
            try WatchEvent.all(of: Recording("3-daemonset/watch/\(name)-endpointslices.ndjson")).map { event in
                list.apply(event)
                let versions = try ListPage(document: list.document(as: .metadata), item: ObjectVersion.init).items
                switch cache.request(for: versions) {
                case .list: Issue.record("one event changes one slice")
                case .objects(let changed):
                    #expect(changed == (event.object.map { [$0.name] } ?? []))
                    for name in changed {
                        cache.replace(try EndpointSlice(document: try #require(list.document(named: name))))
                    }
                }
                let found = cache.peers()
                #expect(found.invalid.isEmpty)
                // Whatever way it came there, the cache holds what the list holds.
                #expect(try found.topology == SliceCache(slices(list.document())).peers().topology)
                return found.topology
            }
        }
        if let earlier { _ = try replay(earlier) }
        return try replay(name)
    }

    private func line(_ peer: Peer?) -> String {
        guard let peer else { return "gone" }
        return ([peer.state.label] + peer.addresses.map(\.description)).joined(separator: " ")
    }

    /// What is told of a node, each thing once.
    private func story(of node: String, in states: [Topology]) -> [String] {
        states.map { line($0[node]) }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    /// The pod drains before it goes. Then its node is without a pod for a moment (`maxUnavailable: 1`), it alone, and the
    /// new pod comes with one family first.
    @Test func aRollingUpdateReplacesOnePodAtATime() throws {
        let states = try states("rolling-update")
        #expect(
            story(of: "node-00000", in: states) == [
                "draining fd00:64::a 10.64.0.10", "draining fd00:64::a", "gone", "active 10.64.0.11",
                "active fd00:64::b 10.64.0.11",
            ])
        #expect(
            story(of: "node-00001", in: states) == [
                "active fd00:64:0:1::a 10.64.1.10", "draining fd00:64:0:1::a 10.64.1.10", "draining fd00:64:0:1::a",
                "gone",
                "active 10.64.1.11", "active fd00:64:0:1::b 10.64.1.11",
            ])
        #expect(
            states.last?.peers.map(line) == [
                "active fd00:64::b 10.64.0.11", "active fd00:64:0:1::b 10.64.1.11", "active fd00:64:0:2::b 10.64.2.11",
            ])
        for (before, after) in zip(states, states.dropFirst()) {
            for peer in before.peers where after[peer.node] == nil { #expect(peer.state == .draining) }
            #expect(after.peers.count { $0.state == .active } >= 2)
            #expect(!after.peers.contains { $0.state == .notReady })
        }
    }

    @Test func aDeletedPodDrainsGoesAndComesAnew() throws {
        let states = try states("pod-deleted", after: "rolling-update")
        #expect(
            story(of: "node-00001", in: states) == [
                "draining fd00:64:0:1::b 10.64.1.11", "draining fd00:64:0:1::b", "gone", "active 10.64.1.12",
                "active fd00:64:0:1::c 10.64.1.12",
            ])
        #expect(story(of: "node-00000", in: states) == ["active fd00:64::b 10.64.0.11"])
    }

    /// A node whose network dies must not vanish because of it.
    @Test func aFailedNodeStaysAsNotReady() throws {
        let states = try states("node-failure", after: "rolling-update")
        #expect(states.allSatisfy { $0.peers.count == 3 })
        #expect(
            story(of: "node-00001", in: states) == [
                "not_ready fd00:64:0:1::b 10.64.1.11", "active fd00:64:0:1::b 10.64.1.11",
            ])
        for node in ["node-00000", "node-00002"] {
            #expect(states.allSatisfy { $0[node]?.state == .active })
        }
    }

    @Test func aNodeThatComesAndGoes() throws {
        let states = try states("node-added-removed", after: "rolling-update")
        #expect(
            story(of: "node-00003", in: states) == [
                "active 10.64.3.10", "active fd00:64:0:3::a 10.64.3.10", "active fd00:64:0:3::a", "gone",
            ])
        #expect(states.map(\.peers.count) == [4, 4, 4, 4, 3, 3])
    }
}
