import Documents
import Testing

@Suite struct FieldsTests {
    private func complaint(_ text: String, unknownKeys: Document.UnknownKeys = .refused) -> String {
        do throws(DocumentError) {
            _ = try Document.decode(text, name: "f.yaml", unknownKeys: unknownKeys) { root in
                for key in ["interval", "fullMeshLimit", "protocols"] { _ = root[key] }
            }
            return ""
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        ("intervall: 1", "f.yaml:1:1: intervall: unknown key (did you mean \"interval\"?)"),
        ("inetrval: 1", "f.yaml:1:1: inetrval: unknown key (did you mean \"interval\"?)"),
        ("full_mesh_limit: 1", "f.yaml:1:1: full_mesh_limit: unknown key (did you mean \"fullMeshLimit\"?)"),
        ("protocol: 1", "f.yaml:1:1: protocol: unknown key (did you mean \"protocols\"?)"),
        ("colour: 1", "f.yaml:1:1: colour: unknown key"),
        ("{mode:off}", "f.yaml:1:2: \"mode:off\": unknown key (a space is missing after the colon)"),
        ("a.b/c: 1", "f.yaml:1:1: \"a.b/c\": unknown key"),
        ("\"\": 1", "f.yaml:1:1: \"\": unknown key"),
    ])
    func unknownKeysAreRefusedWithAHint(text: String, expected: String) {
        #expect(complaint(text) == expected)
    }

    @Test func theyCanBeIgnored() {
        #expect(complaint("intervall: {a: [1]}", unknownKeys: .ignored) == "")
    }

    /// Everything in a mapping of the user's own keys is known.
    @Test func entriesComeInOrder() throws {
        let read = try Document.decode("{b: 1, a: , c: [2]}", name: "f.yaml") { $0.entries() }
        #expect(read.value.map(\.key) == ["b", "a", "c"])
        #expect(read.value.map(\.value.path) == ["b", "a", "c"])
        #expect(read.value.map(\.value.node.isNull) == [false, true, false])
    }

    @Test func nearestNames() {
        let names = ["web.listen-address", "web.telemetry-path", "log.level", "on"]
        #expect("web.listen-adress".nearest(in: names) == "web.listen-address")
        #expect("weblistenaddress".nearest(in: names) == "web.listen-address")
        #expect("LOG-LEVEL".nearest(in: names) == "log.level")
        #expect("loglvel".nearest(in: names) == "log.level")
        #expect("no".nearest(in: names) == "on")
        #expect("kubeconfig".nearest(in: names) == nil)
        #expect("".nearest(in: names) == nil)
        #expect(String(repeating: "x", count: 100_000).nearest(in: names) == nil)
    }
}
