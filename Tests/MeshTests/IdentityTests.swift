import Mesh
import Testing

struct IdentityTests {
    @Test func header() {
        #expect(
            Identity.header(mesh: "default", node: "node-a", zone: "z1", uid: "3f6c", state: "active")
                == "mesh=default; node=node-a; zone=z1; uid=3f6c; state=active")
        #expect(
            Identity.header(mesh: "m", node: "n", zone: "", uid: "", state: "s")
                == "mesh=m; node=n; zone=; uid=; state=s")
        #expect(Identity.headerName == "Heartmesh")
    }

    @Test func thePrefixIsOneNodesOnly() {
        func answer(_ mesh: String, _ node: String) -> [UInt8] {
            Array(Identity.header(mesh: mesh, node: node, zone: "z", uid: "u", state: "active").utf8)
        }
        let prefix = Identity.prefix(mesh: "default", node: "node-1")
        #expect(answer("default", "node-1").starts(with: prefix))
        for (mesh, node) in [
            ("default", "node-11"), ("default", "node-"), ("default", "Node-1"), ("default2", "node-1"),
        ] {
            #expect(!answer(mesh, node).starts(with: prefix))
        }
    }

    @Test(arguments: [
        "a", "7", "node-a", "NODE", "ip-10-0-0-1.eu-west-1.compute.internal", "eu-west-1a", "a_b", "a--b", "1.2.3.4",
        String(repeating: "x", count: 253),
    ])
    func names(name: String) {
        #expect(Identity.complaint(aboutName: name) == nil)
    }

    @Test(arguments: [
        "", "-a", "a-", ".a", "a.", "_a", "a_", "a b", "a;b", "a=b", "a\"", "a\n", "a\r\nX: y", "wörker", "a\u{301}b",
        "a/b", "a,b",
        "a:b", "a\0b", "٤", String(repeating: "x", count: 254),
    ])
    func notNames(text: String) {
        #expect(Identity.complaint(aboutName: text)?.hasPrefix("is not a name: ") == true)
    }
}
