import Mesh
import Testing

struct TopologyTests {
    @Test func peersAreInTheOrderOfTheirNames() throws {
        let names = ["node-10", "node-2", "Node-3", "a", "node-1"]
        let topology = Topology(names.map { peer($0) })
        #expect(topology.peers.map(\.node) == ["Node-3", "a", "node-1", "node-10", "node-2"])
        #expect(topology == Topology(names.reversed().map { peer($0) }))
        for name in names { #expect(topology[name]?.node == name) }
        for name in ["", "Node", "node-11", "node-3", "zz"] { #expect(topology[name] == nil) }
        #expect(Topology([])["node-1"] == nil)
    }

    @Test func everyPeerOfALargeTopologyIsFound() {
        for count in [1, 2, 3, 7, 8, 9, 500] {
            let topology = Topology((0..<count).map { peer("n\($0)") })
            #expect((0..<count).allSatisfy { topology["n\($0)"]?.node == "n\($0)" })
            #expect(topology["n"] == nil)
            #expect(topology["n\(count)"] == nil)
        }
    }

    /// A rollout: the pod that ends and the one that starts stand side by side for a moment.
    @Test(arguments: [
        ([PeerState.draining, .active], 1), ([.active, .draining], 0), ([.notReady, .active], 1),
        ([.active, .notReady], 0),
        ([.draining, .notReady], 1), ([.notReady, .draining], 0), ([.active, .active], 0), ([.draining, .draining], 0),
        ([.draining, .notReady, .active, .active], 2), ([.notReady, .notReady, .draining], 0),
    ])
    func theBestPeerOfANodeCounts(states: [PeerState], chosen: Int) throws {
        let peers = try states.enumerated().map { try peer("node-a", ["10.0.0.\($0.offset)"], state: $0.element) }
        let topology = Topology(peers + [peer("node-b")])
        #expect(topology.peers.count == 2)
        #expect(topology["node-a"] == peers[chosen])
    }

    @Test func addressesOfAPeerStandOnceInTheirOrder() throws {
        let peer = try peer("node-a", ["::2", "10.0.0.1", "0::2", "10.0.0.1", "::1"])
        #expect(peer.addresses.map(\.description) == ["::2", "10.0.0.1", "::1"])
    }

    @Test func states() {
        #expect(PeerState.allCases.map(\.label) == ["active", "not_ready", "warming", "draining", "gone"])
        #expect(PeerState.active < .notReady && PeerState.notReady < .draining)
        // A node that turns NotReady stays in the mesh, and its failures count: traps, 23.
        #expect(PeerState.allCases.filter(\.failuresCount) == [.active, .notReady])
    }
}
