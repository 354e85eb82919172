import Mesh
import Testing

struct BackendsTests {
    private let backends = Backends(
        Topology([peer("own", zone: "z1"), peer("near", zone: "z1"), peer("far", zone: "z2")]), node: "own", zone: "z1")

    @Test(arguments: [
        ("own", Locality.sameNode), ("near", .sameZone), ("far", .otherZone), ("stranger", nil), ("", nil),
        ("nea", nil), ("near1", nil),
    ])
    func whereABackendIs(node: String, expected: Locality?) {
        #expect(backends.locality(of: Array(node.utf8)) == expected)
    }

    /// Also one that is not in the topology yet, as at the start.
    @Test func thisNodeIsAlwaysABackend() {
        #expect(Backends(Topology([]), node: "own", zone: "").locality(of: "own".utf8) == .sameNode)
    }

    @Test func withoutZonesAllAreInTheSame() {
        let backends = Backends(Topology([peer("a", zone: "")]), node: "own", zone: "")
        #expect(backends.locality(of: "a".utf8) == .sameZone)
    }

    @Test func labels() {
        #expect(Locality.allCases.map(\.rawValue) == ["same_node", "same_zone", "other_zone"])
        #expect(
            TargetState.allCases.map(\.rawValue) == [
                "probed", "pending", "unresolved", "excluded", "permission", "missing",
            ])
    }
}
