import Documents
import Testing

/// All lines that reading the document gives, errors or warnings.
private func lines(
    _ text: String, unknownKeys: Document.UnknownKeys = .refused, _ read: (Fields) -> Void
) -> [String] {
    do throws(DocumentError) {
        return try Document.decode(text, name: "f.yaml", unknownKeys: unknownKeys, read).warnings.map(\.description)
    } catch {
        return error.problems.map(\.description)
    }
}

private enum Colour: String, CaseIterable {
    case red, green, blue
}

@Suite struct FieldTests {
    @Test func gettersReadTheirTypes() throws {
        let text = """
            text: on
            number: -12
            flag: true
            pause: 1m30s
            colour: green
            list: [a, 2]
            inner: {x: 1}
            """
        let read = try Document.decode(text, name: "f.yaml") { fields in
            (
                fields["text"]?.string(), fields["number"]?.int(in: -20...0), fields["flag"]?.bool(),
                fields["pause"]?.duration(in: .zero...(.seconds(100))), fields["colour"]?.choice(of: Colour.self),
                fields["list"]?.list()?.map { $0.string() },
                fields["inner"]?.mapping { $0["x"]?.int(in: 0...9) }
            )
        }
        #expect(read.value.0 == "on")
        #expect(read.value.1 == -12)
        #expect(read.value.2 == true)
        #expect(read.value.3 == .seconds(90))
        #expect(read.value.4 == .green)
        #expect(read.value.5 == ["a", "2"])
        #expect(read.value.6 == 1)
        #expect(read.warnings.isEmpty)
    }

    @Test(arguments: [
        ("a: {b: 1}", "f.yaml:1:4: a: a whole number is expected here, not a mapping"),
        ("a: [1]", "f.yaml:1:4: a: a whole number is expected here, not a list"),
        ("a: x", "f.yaml:1:4: a: \"x\" is not a whole number"),
        ("a: \"1\"", "f.yaml:1:4: a: \"1\" is not a whole number"),
        ("a: 010", "f.yaml:1:4: a: \"010\" is not a whole number"),
        ("a: +1", "f.yaml:1:4: a: \"+1\" is not a whole number"),
        ("a: 1e3", "f.yaml:1:4: a: \"1e3\" is not a whole number"),
        ("a: 99999999999999999999", "f.yaml:1:4: a: \"99999999999999999999\" is not a whole number"),
        ("a: 11", "f.yaml:1:4: a: 11 is out of range: 1 to 10"),
    ])
    func badNumbers(text: String, expected: String) {
        #expect(lines(text) { _ = $0["a"]?.int(in: 1...10) } == [expected])
    }

    @Test(arguments: [
        ("a: yes", "f.yaml:1:4: a: \"yes\" is not true or false"),
        ("a: 'true'", "f.yaml:1:4: a: \"true\" is not true or false"),
        ("a: []", "f.yaml:1:4: a: true or false is expected here, not a list"),
    ])
    func badBooleans(text: String, expected: String) {
        #expect(lines(text) { _ = $0["a"]?.bool() } == [expected])
    }

    @Test(arguments: [
        ("a: [x]", "f.yaml:1:4: a: text is expected here, not a list"),
        ("a: gren", "f.yaml:1:4: a: \"gren\" is not one of red, green, blue (did you mean green?)"),
        ("a: pink", "f.yaml:1:4: a: \"pink\" is not one of red, green, blue"),
    ])
    func badChoices(text: String, expected: String) {
        #expect(lines(text) { _ = $0["a"]?.choice(of: Colour.self) } == [expected])
    }

    @Test func allErrorsAreTold() {
        let text = """
            peers:
              - {node: a, port: x}
              - node: [b]
                prot: 1
            zone: {}
            """
        let found = lines(text) { root in
            _ = root["zone"]?.string()
            for peer in root["peers"]?.list() ?? [] {
                peer.mapping { fields in
                    _ = fields.required("node")?.string()
                    _ = fields.required("port")?.int(in: 1...65535)
                }
            }
            _ = root.required("name")
        }
        #expect(
            found == [
                "f.yaml:1:1: name: is required",
                "f.yaml:2:21: peers[0].port: \"x\" is not a whole number",
                "f.yaml:3:5: peers[1].port: is required",
                "f.yaml:3:11: peers[1].node: text is expected here, not a list",
                "f.yaml:4:5: peers[1].prot: unknown key (did you mean \"port\"?)",
                "f.yaml:5:7: zone: text is expected here, not a mapping",
            ])
    }

    @Test func aNullIsAbsentInAMappingAndNothingInAList() {
        let absent = lines("{a: , b: ~}") { #expect($0["a"] == nil && $0["b"] == nil) }
        #expect(absent.isEmpty)
        let found = lines("a: [~]") { _ = $0["a"]?.list()?.map { $0.mapping { _ in } } }
        #expect(found == ["f.yaml:1:5: a[0]: a mapping is expected here, not nothing"])
    }

    @Test func theRootMustBeAMapping() {
        #expect(lines("- a") { _ in } == ["f.yaml:1:1: a mapping is expected here, not a list"])
        #expect(lines("text") { _ in } == ["f.yaml:1:1: a mapping is expected here, not \"text\""])
    }

    @Test func warningsStandAtTheKey() {
        let found = lines("x:\n  a: 1") { $0["x"]?.mapping { $0["a"]?.warn("is odd") } }
        #expect(found == ["f.yaml:2:3: x.a: is odd"])
    }

    @Test func valuesAreFoundByTheirPath() {
        _ = lines("a: {b: {c: 1, d: }}", unknownKeys: .ignored) { root in
            #expect(root.field.value(at: "a.b.c")?.path == "a.b.c")
            #expect(root.field.value(at: "a.b.d") == nil)
            #expect(root.field.value(at: "a.c.b") == nil)
        }
    }

    @Test func aHundredErrorsAreEnough() {
        let text = "a: [" + String(repeating: "x,", count: 250) + "]"
        let found = lines(text) { _ = $0["a"]?.list()?.map { $0.int(in: 0...1) } }
        #expect(found.count == 101)
        #expect(found.last == "f.yaml: and 150 more like these")
    }

    @Test func strangeTextCannotForgeALine() {
        let found = lines("a: \"x\\n\\e[31m\\\"\"") { _ = $0["a"]?.int(in: 0...1) }
        #expect(found == [#"f.yaml:1:4: a: "x\n\x1b[31m\"" is not a whole number"#])
        let long = lines("a: " + String(repeating: "y", count: 1000)) { _ = $0["a"]?.int(in: 0...1) }
        #expect(long == ["f.yaml:1:4: a: \"\(String(repeating: "y", count: 60))…\" is not a whole number"])
    }
}
