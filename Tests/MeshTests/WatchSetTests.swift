import Mesh
import Support
import Testing

struct WatchSetTests {
    @Test func fullMeshUpToTheLimit() {
        for count in [0, 1, 2, 17, 31, 32] {
            let nodes = names(count)
            for node in nodes {
                let watched = watchSet(of: node, among: nodes, fullMeshLimit: 32, rings: 16)
                #expect(watched == Set(nodes).subtracting([node]))
            }
        }
        // Not more peers than rings: all of them, whatever the limit.
        #expect(watchSet(of: "n1", among: names(17), fullMeshLimit: 5, rings: 16).count == 16)
        #expect(watchSet(of: "n1", among: names(33), fullMeshLimit: 32, rings: 16).count <= 16)
    }

    /// Traps, 8: every exporter picks the same peers, and 90 of 100 nodes are probed by nobody.
    @Test(arguments: [33, 100, 300])
    func everyNodeHasItsWatchers(count: Int) {
        let nodes = names(count)
        var watchers: [String: Int] = [:]
        for node in nodes {
            let watched = watchSet(of: node, among: nodes, fullMeshLimit: 32, rings: 16)
            #expect(watched.count <= 16)
            #expect(!watched.contains(node))
            for peer in watched { watchers[peer, default: 0] += 1 }
        }
        #expect(watchers.count == count, "nobody is unwatched")
        #expect(watchers.values.allSatisfy { $0 <= 16 })
        // Two rings that choose the same peer are one watch: few do in a large mesh.
        let mean = Double(watchers.values.reduce(0, +)) / Double(count)
        #expect(mean > (count < 100 ? 12 : 14.5))
        #expect(watchers.values.min()! >= 8)
    }

    @Test func nobodyIsUnwatchedAmongAThousand() {
        let nodes = names(1000)
        let rings = 3
        var watchers: [String: Int] = [:]
        for node in nodes {
            for peer in watchSet(of: node, among: nodes, fullMeshLimit: 32, rings: rings) {
                watchers[peer, default: 0] += 1
            }
        }
        #expect(watchers.count == 1000)
        #expect(watchers.values.allSatisfy { $0 <= rings })
        #expect(Double(watchers.values.reduce(0, +)) / 1000 > 2.9)
    }

    /// The rings, built in another way: sorted.
    @Test func theNextNodeOfEachRingIsThePeer() {
        let nodes = names(200)
        var expected: [String: Set<String>] = [:]
        for ring in 0..<UInt64(5) {
            let order = nodes.sorted { (stableHash($0, seed: ring), $0) < (stableHash($1, seed: ring), $1) }
            for (index, node) in order.enumerated() { expected[node, default: []].insert(order[(index + 1) % 200]) }
        }
        for node in nodes {
            #expect(watchSet(of: node, among: nodes, fullMeshLimit: 32, rings: 5) == expected[node])
        }
    }

    @Test(arguments: 0..<8)
    func oneNodeMovesAtMostTwoEdgesOfARing(seed: Int) {
        let nodes = names(80)
        let comer = "comer-\(seed)"
        let rings = 16
        var moved = 0
        var changed = 0
        for node in nodes {
            let before = watchSet(of: node, among: nodes, fullMeshLimit: 32, rings: rings)
            let after = watchSet(of: node, among: nodes + [comer], fullMeshLimit: 32, rings: rings)
            if before == after { continue }
            changed += 1
            moved += before.subtracting(after).count
            #expect(after.subtracting(before) == [comer])
        }
        #expect((1...rings).contains(changed))
        #expect(moved <= rings)
    }

    @Test func theOrderOfTheInputDoesNotMatter() {
        var random = SeededGenerator(seed: 3)
        let nodes = names(120)
        let watched = watchSet(of: "n7", among: nodes, fullMeshLimit: 32, rings: 16)
        for _ in 0..<10 {
            #expect(watchSet(of: "n7", among: nodes.shuffled(using: &random), fullMeshLimit: 32, rings: 16) == watched)
        }
        // Whether this node's own pod is known, too.
        #expect(watchSet(of: "n7", among: nodes.filter { $0 != "n7" }, fullMeshLimit: 32, rings: 16) == watched)
    }

    /// From an implementation in another language: a release that hashes otherwise would turn the whole mesh over.
    @Test(
        arguments: [
            ("", 0, 0xefd0_1f60_ba99_2926), ("node-a", 0, 0x48e8_6629_c152_a3f3), ("node-a", 1, 0x700a_f2c8_6e16_009d),
            ("node-b", 0, 0xcc03_1f46_d50f_81c2), ("wörker", 15, 0x4041_6725_05c2_7b7c),
            ("ip-10-0-0-1.eu-west-1.compute.internal", 0, 0x2719_ab8d_e5d4_1411),
        ] as [(String, UInt64, UInt64)])
    func hashesStayTheSame(text: String, seed: UInt64, hash: UInt64) {
        #expect(stableHash(text, seed: seed) == hash)
    }

    @Test func hashesOfSimilarNamesAreFarApart() {
        // Each of the 16 highest parts of the number space gets its share of a thousand similar names.
        var counts = [Int](repeating: 0, count: 16)
        for name in names(1000) { counts[Int(stableHash(name) >> 60)] += 1 }
        #expect(counts.min()! > 30 && counts.max()! < 110)
    }

    private func names(_ count: Int) -> [String] {
        (0..<count).map { "n\($0)" }
    }
}
