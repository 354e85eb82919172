import Mesh
import Support
import Testing

@testable import Discovery

struct SliceCacheRequestTests {
    private static let recorded = Result { try slices(Recording(fiveThousandNodes).body) }
    private let all: [EndpointSlice]
    private var cache: SliceCache

    init() throws {
        all = try SliceCacheRequestTests.recorded.get()
        cache = SliceCache(all)
    }

    /// The versions of the slices, those of the first `changed` ones new.
    private func versions(changed: Int) -> [ObjectVersion] {
        all.enumerated().map { index, slice in
            ObjectVersion(
                name: slice.name, resourceVersion: index < changed ? slice.resourceVersion + "0" : slice.resourceVersion
            )
        }
    }

    @Test mutating func nothingIsAskedForWhenNothingChanged() {
        #expect(cache.request(for: versions(changed: 0)) == .objects([]))
        #expect(cache.objects.count == 100)
    }

    @Test mutating func whatChangedIsAskedForByName() {
        #expect(cache.request(for: versions(changed: 1)) == .objects([all[0].name]))
        #expect(cache.request(for: versions(changed: 14)) == .objects(all[..<14].map(\.name)))
    }

    /// 15 of 100 are more than a seventh.
    @Test(arguments: [15, 50, 100]) mutating func manyAreListed(changed: Int) {
        #expect(cache.request(for: versions(changed: changed)) == .list)
    }

    /// Of a few slices too: one of two is half, and still less than the list of both.
    @Test mutating func oneOfTwoIsAskedForByName() throws {
        let two = Array(all[..<2])
        var cache = SliceCache(two)
        var versions = two.map { ObjectVersion(name: $0.name, resourceVersion: $0.resourceVersion) }
        versions[1] = ObjectVersion(name: two[1].name, resourceVersion: "x")
        #expect(cache.request(for: versions) == .objects([two[1].name]))
        versions[0] = ObjectVersion(name: two[0].name, resourceVersion: "x")
        #expect(cache.request(for: versions) == .list)
        var empty = SliceCache()
        #expect(empty.request(for: versions) == .list)
        #expect(empty.request(for: [versions[0]]) == .objects([two[0].name]))
    }

    /// A lower version than the known one is another one too: versions are not to be compared by size.
    @Test mutating func anyOtherVersionIsAChange() {
        var versions = versions(changed: 0)
        versions[3] = ObjectVersion(name: all[3].name, resourceVersion: "1")
        #expect(cache.request(for: versions) == .objects([all[3].name]))
    }

    @Test mutating func slicesThatAreGoneAreDroppedAndNewOnesAskedFor() {
        var versions = versions(changed: 0)
        versions.removeFirst(2)
        versions.append(ObjectVersion(name: "new", resourceVersion: "1"))
        #expect(cache.request(for: versions) == .objects(["new"]))
        #expect(cache.objects.count == 98)
        #expect(cache.objects[all[0].name] == nil && cache.objects[all[2].name] != nil)
        #expect(cache.request(for: []) == .objects([]))
        #expect(cache.objects.isEmpty)
    }

    @Test mutating func slicesAreReplacedAndRemoved() throws {
        var changed = all[0]
        changed.resourceVersion = "99999"
        cache.replace(changed)
        #expect(cache.objects[changed.name] == changed)
        cache.remove(changed.name)
        #expect(cache.objects[changed.name] == nil)
        cache.remove("nothing")
        #expect(cache.objects.count == 99)
        cache.replaceAll(with: [changed])
        #expect(cache.objects == [changed.name: changed])
        // Pages of an inconsistent list may name one slice twice.
        cache.replaceAll(with: [all[0], all[1], changed])
        #expect(cache.objects == [changed.name: changed, all[1].name: all[1]])
    }
}

struct SliceCachePeersTests {
    private func peers(_ slices: EndpointSlice...) -> PeerList {
        SliceCache(slices).peers()
    }

    @Test func bothFamiliesOfAPodAreOnePeer() throws {
        let found = peers(
            try EndpointSlice("b", type: "IPv6", [EndpointSlice.endpoint("fd00::1", zone: nil)]),
            try EndpointSlice("a", [EndpointSlice.endpoint("10.0.0.1")]))
        #expect(
            found.topology.peers == [
                Peer(node: "node-a", zone: "z1", addresses: addresses("10.0.0.1", "fd00::1"), port: 8900, pod: "pod-1")
            ])
        #expect(found.invalid.isEmpty)
    }

    /// Between two writes of the controller an endpoint may stand in two slices, or twice in one.
    @Test func anEndpointThatStandsTwiceCountsOnce() throws {
        let endpoint = EndpointSlice.endpoint("10.0.0.1")
        let found = peers(
            try EndpointSlice("a", [endpoint, endpoint]), try EndpointSlice("b", [endpoint]))
        #expect(found.topology.peers.map(\.addresses) == [addresses("10.0.0.1")])
        #expect(found.invalid.isEmpty)
    }

    /// All of three nodes' slices, of a dozen Services.
    @Test func manySlicesOfTheSamePodsAreTheSamePeers() throws {
        let all = try slices(Recording("3/list/endpointslices-namespace.json").body)
        #expect(all.count == 15)
        let few = try slices(Recording(threeNodes).body)
        #expect(SliceCache(all).peers().topology == SliceCache(few).peers().topology)
    }

    /// The order of the slices' arrival is not the order of the peers.
    @Test func theResultDoesNotDependOnTheOrder() throws {
        let all = try slices(Recording("100/list/endpointslices-of-service.json").body)
        #expect(SliceCache(all).peers().topology == SliceCache(all.reversed()).peers().topology)
        var generator = SystemRandomNumberGenerator()
        let shuffled = all.map { slice in
            var slice = slice
            slice.endpoints.shuffle(using: &generator)
            return slice
        }
        #expect(SliceCache(shuffled).peers().topology == SliceCache(all).peers().topology)
    }

    /// Where two slices tell of different states of one pod, the worse one is the later one.
    @Test(arguments: [true, false]) func thePodThatEndsIsEnding(isFirst: Bool) throws {
        let old = EndpointSlice.endpoint("10.0.0.1")
        let new = EndpointSlice.endpoint("fd00::1", ready: false, terminating: true)
        let found = peers(
            try EndpointSlice(isFirst ? "a" : "b", type: "IPv6", [new]), try EndpointSlice(isFirst ? "b" : "a", [old]))
        #expect(found.topology.peers.map(\.state) == [.draining])
        #expect(Set(found.topology.peers[0].addresses) == Set(addresses("10.0.0.1", "fd00::1")))
    }

    /// During a rollout a node has the pod that ends and the one that starts: the better one is the peer, with its
    /// addresses only.
    @Test func ofTwoPodsOfANodeTheBetterOneIsThePeer() throws {
        let ending = EndpointSlice.endpoint("10.0.0.1", pod: "a", ready: false, terminating: true)
        let failing = EndpointSlice.endpoint("10.0.0.2", pod: "b", ready: false, serving: false)
        let running = EndpointSlice.endpoint("10.0.0.3", pod: "c")
        func peer(_ endpoints: String...) throws -> [Peer] { peers(try EndpointSlice("s", endpoints)).topology.peers }
        #expect(try peer(ending, failing, running).map(\.addresses) == [addresses("10.0.0.3")])
        #expect(try peer(failing, ending).map(\.addresses) == [addresses("10.0.0.2")])
        #expect(try peer(failing, ending).map(\.state) == [.notReady])
        #expect(try peer(ending).map(\.state) == [.draining])
    }

    /// Of several that are as good, always the same one.
    @Test func thePeerDoesNotChangeByChance() throws {
        for _ in 0..<5 {
            let pods = (1...9).shuffled().map { EndpointSlice.endpoint("10.0.0.\($0)", pod: "pod-\($0)") }
            #expect(peers(try EndpointSlice("s", pods)).topology.peers.map(\.addresses) == [addresses("10.0.0.1")])
        }
    }

    @Test func withoutAPodTheNodeTells() throws {
        let found = peers(
            try EndpointSlice("a", [EndpointSlice.endpoint("10.0.0.1", pod: nil)]),
            try EndpointSlice("b", type: "IPv6", [EndpointSlice.endpoint("fd00::1", pod: nil)]))
        #expect(found.topology.peers.map(\.addresses) == [addresses("10.0.0.1", "fd00::1")])
    }

    @Test func whatCannotBeUsedIsToldAndTheRestIsUsed() throws {
        let good = EndpointSlice.endpoint("10.0.0.1")
        let found = peers(
            try EndpointSlice("a", [EndpointSlice.endpoint("10.0.0.7", node: nil), good]),
            try EndpointSlice("b", type: "FQDN", [EndpointSlice.endpoint("peer.example", node: "node-b")]),
            try EndpointSlice("c", [EndpointSlice.endpoint("10.0.0.300", node: "node-c")]),
            try EndpointSlice("d", port: 70_000, [EndpointSlice.endpoint("10.0.0.9", node: "node-d")]),
            try EndpointSlice("e", port: 70_000, []))
        #expect(
            found.invalid == [
                "EndpointSlice a: no node name for 10.0.0.7", "EndpointSlice b: addresses of type FQDN",
                #"EndpointSlice c: node node-c has the address "10.0.0.300""#, "EndpointSlice d: no port named http",
            ])
        #expect(found.topology["node-a"]?.addresses == addresses("10.0.0.1"))
        // Not a peer without an address, which nobody would probe and nobody would miss.
        #expect(found.topology.peers.map(\.node) == ["node-a"])
    }

    @Test func thousandsOfSlices() throws {
        let all = try (0..<3000).map { number in
            let endpoint = EndpointSlice.endpoint(
                "10.\(number >> 8).\(number & 0xff).1", node: "node-\(number)", pod: "pod-\(number)")
            return try EndpointSlice("slice-\(number)", [endpoint])
        }
        #expect(SliceCache(all).peers().topology.peers.count == 3000)
        #expect(SliceCache().peers().topology.peers.isEmpty)
    }
}
