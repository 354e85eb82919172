import Documents
import Testing

/// The error's text; empty when the document is fine.
func problems(_ text: String, limits: Document.Limits = Document.Limits()) -> String {
    do throws(DocumentError) {
        _ = try Document.parse(text, name: "f.yaml", limits: limits)
        return ""
    } catch {
        return error.description
    }
}

@Suite struct DocumentTests {
    @Test func everyValueKnowsItsPlace() throws {
        let text = """
            # a comment
            ä: {x: 1, "y": 'two'}
            list:
              - a
              - [b, c]
            """
        let root = try Document.parse(text, name: "f.yaml")
        #expect(root.position == Position(line: 2, column: 1))
        let pairs = try #require(root.pairs)
        #expect(pairs.map(\.key) == ["ä", "list"])
        #expect(pairs[1].keyPosition == Position(line: 3, column: 1))
        let inner = try #require(root["ä"]?.pairs)
        #expect(inner[0].value == Node(.scalar("1", quoted: false), at: Position(line: 2, column: 8)))
        #expect(inner[1].keyPosition == Position(line: 2, column: 11))
        #expect(inner[1].value == Node(.scalar("two", quoted: true), at: Position(line: 2, column: 16)))
        #expect(root["list"]?.elements?[1].elements?[1].position == Position(line: 5, column: 9))
        #expect(root["list"]?.line == 4 && root["list"]?.column == 3)
    }

    @Test(arguments: ["", "\n\n", "# nothing\n", "---\n", "---\n...\n", "~", "null", "{}", "\u{FEFF}"])
    func nothingIsAnEmptyMapping(text: String) throws {
        let root = try Document.parse(text, name: "f.yaml")
        #expect(root.pairs == [])
    }

    @Test func nullsAreSeenAndQuotedTextIsNone() throws {
        let root = try Document.parse("a:\nb: ~\nc: null\nd: ''\ne: 'null'\nf: |-\n  null\n", name: "f.yaml")
        let nulls = try #require(root.pairs).filter { $0.value.isNull }.map(\.key)
        #expect(nulls == ["a", "b", "c"])
    }

    @Test func blocksAreQuotedText() throws {
        let root = try Document.parse("certificate: |\n  one\n  two\nfolded: >-\n  a\n  b\n", name: "f.yaml")
        #expect(root["certificate"]?.kind == .scalar("one\ntwo\n", quoted: true))
        #expect(root["folded"]?.text == "a b")
    }

    @Test func jsonIsYAML() throws {
        let text = "{\r\n\t\"a\":1,\"b\":[true,null,\"x\\/\\u00e9\\n\"],\"c\":{}}"
        let root = try Document.parse(text, name: "f.json")
        #expect(root["a"]?.text == "1")
        #expect(root["b"]?.elements?.map(\.text) == ["true", "null", "x/é\n"])
        #expect(root["b"]?.elements?[1].isNull == true)
        #expect(root["c"]?.pairs == [])
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key \"a\", first set on line 1"),
        ("x: {k: 1, 'k': 2}", "f.yaml:1:11: duplicate key \"k\", first set on line 1"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document starts here, but only one is allowed"),
        ("a: &x 1\nb: *x\n", "f.yaml:1:4: anchors (&name) are not supported: write the value out"),
        ("a: *x\n", "f.yaml:1:4: aliases (*name) are not supported: write the value out"),
        ("a: &x [1]", "f.yaml:1:4: anchors (&name) are not supported: write the value out"),
        ("a: !!int 1", "f.yaml:1:4: tags (!name) are not supported"),
        ("a: !ours {b: 1}", "f.yaml:1:4: tags (!name) are not supported"),
        ("? [a]\n: b\n", "f.yaml:1:3: a key must be text, not a list or a mapping"),
        ("?\n: b\n", "f.yaml:1:2: a key is missing"),
        ("a:\n\tb: 1\n", "f.yaml:2:1: a tab stands where YAML allows only spaces"),
        ("ä: 1\nü: @x\n", "f.yaml:2:4: \"@\" cannot start a value: put quotes around it"),
        ("a: b: c\n", "f.yaml:1:5: mapping values are not allowed in this context"),
        (
            "a: [1, 2\n",
            "f.yaml:2:1: did not find expected ',' or ']' while parsing a flow sequence from 1:4"
        ),
        ("a: \"x\n", "f.yaml:2:1: found unexpected end of stream while scanning a quoted scalar from 1:4"),
        ("a: 1\nb: \u{1}\n", "f.yaml:2:4: control characters are not allowed"),
        ("a: \"\\ud83d\"\n", "f.yaml:1:7: \\u escapes a half of a surrogate pair, which is no character"),
    ])
    func badSyntaxNamesItsPlace(text: String, expected: String) {
        #expect(problems(text) == expected)
    }

    @Test func badUTF8NamesItsPlace() {
        #expect(throws: DocumentError.self) { try Document.parse([0x61, 0x3A, 0x20, 0xFF], name: "f") }
        let error = #expect(throws: DocumentError.self) {
            try Document.parse(Array("ä: 1\nb: é".utf8) + [0xFF], name: "f")
        }
        #expect(error?.description == "f:2:5: invalid leading UTF-8 octet")
    }

    @Test func limitsHold() {
        var limits = Document.Limits()
        limits.depth = 3
        #expect(problems("[[[1]]]", limits: limits) == "")
        #expect(problems("[[[{a: 1}]]]", limits: limits) == "f.yaml:1:4: nested more than 3 deep")
        limits.nodes = 5
        #expect(problems("[1, 2, 3, 4]", limits: limits) == "")
        #expect(problems("[1, 2, 3, 4, 5]", limits: limits) == "f.yaml:1:14: more than 5 values")
        #expect(problems("{a: 1, b: 2, c: 3}", limits: limits) == "f.yaml:1:17: more than 5 values")
        limits.bytes = 10
        #expect(problems("a: 12345678", limits: limits) == "f.yaml: is larger than 10 bytes")
    }

    /// Deep nesting must not end the process by its recursion, nor take the parser's time.
    @Test(arguments: ["[", "{a: ", "- "])
    func hostileNestingIsRefused(opening: String) {
        #expect(problems(String(repeating: opening, count: 100_000)).contains("nested more than 32 deep"))
    }
}
