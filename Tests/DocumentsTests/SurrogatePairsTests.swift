import Testing

@testable import Documents

@Suite struct SurrogatePairsTests {
    @Test func pairsBecomeOneCharacter() throws {
        let root = try Document.parse(#"{"a": "\ud83d\ude00 \uDBFF\uDFFF\u00e9", "b": "x"}"#, name: "f.json")
        #expect(root["a"]?.text == "😀 \u{10FFFF}é")
    }

    @Test func placesAreThoseOfTheTextThatWasGiven() throws {
        let text = #"""
            {"\ud83d\ude00": "\ud83d\ude00\ud83d\ude00", "b": [1,
             2, "\ud83d\ude00", 3], "ä": 4}
            """#
        let root = try Document.parse(text, name: "f.json")
        let pairs = try #require(root.pairs)
        #expect(pairs[0].keyPosition == Position(line: 1, column: 2))
        #expect(pairs[0].value.position == Position(line: 1, column: 18))
        #expect(pairs[1].keyPosition == Position(line: 1, column: 46))
        let elements = try #require(pairs[1].value.elements)
        #expect(elements[1].position == Position(line: 2, column: 2))
        #expect(elements[3].position == Position(line: 2, column: 21))
        #expect(pairs[2].value.position == Position(line: 2, column: 30))
    }

    /// An escaped backslash before `ud83d` is no escape of a surrogate.
    @Test func escapedBackslashesAreLeftAlone() throws {
        let root = try Document.parse(#"{"a": "\\ud83d\\ude00", "b": "\\\ud83d\ude00"}"#, name: "f.json")
        #expect(root["a"]?.text == #"\ud83d\ude00"#)
        #expect(root["b"]?.text == #"\😀"#)
    }

    @Test(arguments: [
        #"{"a": "\ud83d"}"#, #"{"a": "\ud83dx\ude00"}"#, #"{"a": "\ude00\ud83d"}"#, #"{"a": "\ud83d\u0041"}"#,
    ])
    func halvesAreRefused(text: String) {
        #expect(problems(text).hasSuffix("\\u escapes a half of a surrogate pair, which is no character"))
    }

    /// In single quotes `\ud83d` is six characters; only JSON, which has no single quotes, is rewritten.
    @Test(arguments: [#"{a: '"\ud83d\ude00"'}"#, #"'\ud83d\ude00': 1"#, "{# \"\n a: '\\ud83d\\ude00'}"])
    func otherYAMLIsLeftAlone(text: String) throws {
        #expect(SurrogatePairs(joinedIn: Array(text.utf8)).bytes == Array(text.utf8))
        _ = try Document.parse(text, name: "f.yaml")
    }

    @Test(arguments: [#"{"a": "\"#, #"{"a": "\ud83d"#, #"{"a": "\ud83d\u"#, #"["\ud83d\ude"#])
    func truncatedTextsAreRefused(text: String) {
        #expect(!problems(text).isEmpty)
    }
}
