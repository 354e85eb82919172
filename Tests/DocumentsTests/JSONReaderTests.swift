import Testing

@testable import Documents

/// A value with its type, so that a reader's result is compared as a whole.
private indirect enum Value: Equatable {
    case object([Pair])
    case array([Value])
    case text(String)
    case null

    struct Pair: Equatable {
        let key: String
        let value: Value
    }

    /// Objects, arrays, strings and nulls.
    init(_ reader: inout JSONReader, _ kind: Character) throws(JSONError) {
        switch kind {
        case "{":
            var pairs: [Pair] = []
            try reader.object { (reader, key) throws(JSONError) in
                pairs.append(Pair(key: key, value: try Value(&reader, key.first ?? "s")))
            }
            self = .object(pairs)
        case "[":
            var elements: [Value] = []
            try reader.array { (reader) throws(JSONError) in elements.append(try Value(&reader, "s")) }
            self = .array(elements)
        default:
            self = try reader.stringOrNull().map { .text($0) } ?? .null
        }
    }
}

private func string(_ text: String) throws(JSONError) -> String {
    var reader = JSONReader(Array(text.utf8))
    let string = try reader.string()
    try reader.end()
    return string
}

struct JSONReaderTests {
    /// The first letter of a key says what its value is.
    @Test func aDocumentIsReadInItsOrder() throws {
        let text =
            " { \"s\\u0031\" : \"a\" ,\n\t\"[1\":[ \"x\" , null,\"\" ],\r\n\"{1\":{\"s\":null},\"{2\":{},\"[2\":[],\"s\":\"b\"}\n"
        var reader = JSONReader(Array(text.utf8))
        let value = try Value(&reader, "{")
        try reader.end()
        #expect(
            value
                == .object([
                    .init(key: "s1", value: .text("a")),
                    .init(key: "[1", value: .array([.text("x"), .null, .text("")])),
                    .init(key: "{1", value: .object([.init(key: "s", value: .null)])),
                    .init(key: "{2", value: .object([])), .init(key: "[2", value: .array([])),
                    .init(key: "s", value: .text("b")),
                ]))
    }

    /// Go writes an empty list as null.
    @Test func aNullArrayIsEmpty() throws {
        var reader = JSONReader(Array(" null ".utf8))
        try reader.array { (_) throws(JSONError) in throw JSONError("an element", at: 0) }
        try reader.end()
    }

    @Test(arguments: [
        (#""""#, ""), (#""a b""#, "a b"), (#""\n\t\r\b\f\"\\\/""#, "\n\t\r\u{8}\u{c}\"\\/"),
        (#""\u00e9\u00E9é""#, "ééé"),
        (#""\u0000""#, "\u{0}"), (#""\uFFFF""#, "\u{FFFF}"), (#""x\ud83d\ude00y""#, "x😀y"),
        (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
        (#""\u003c\u003e\u0026""#, "<>&"), (#""日本😀""#, "日本😀"),
    ])
    func stringsAreUnescaped(text: String, expected: String) throws {
        #expect(try string(text) == expected)
    }

    /// Half of a pair stands for no character; what comes after it stays.
    @Test(arguments: [
        (#""\ud83d""#, "\u{fffd}"), (#""\ude00""#, "\u{fffd}"), (#""\ud83dx""#, "\u{fffd}x"),
        (#""\ud83d\n""#, "\u{fffd}\n"),
        (#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"), (#""\ud83d\u0041""#, "\u{fffd}A"),
        (#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"), (#""\ud83d\\u""#, "\u{fffd}\\u"),
    ])
    func loneHalvesOfPairsAreReplaced(text: String, expected: String) throws {
        #expect(try string(text) == expected)
    }

    @Test func invalidUTF8IsReplaced() throws {
        var reader = JSONReader([0x22, 0x61, 0xff, 0xc3, 0x22])
        #expect(try reader.string() == "a\u{fffd}\u{fffd}")
    }

    @Test(arguments: [
        ("\"a", "byte 2: the document ends within a string"), (#""a\"#, "byte 3: the document ends within a string"),
        (#""a\""#, "byte 4: the document ends within a string"),
        ("\"a\nb\"", "byte 2: a string holds a control character"),
        (#""\x""#, "byte 2: a string holds an unknown escape"), (#""\u12""#, "byte 3: an escape is cut off"),
        (#""\u12g4""#, "byte 5: an escape has a digit that is not hexadecimal"),
        (#""\ud83d\u12""#, "byte 9: an escape is cut off"), ("", "byte 0: the document ends too early"),
        ("x", "byte 0: \"\"\" is expected"), (#""a" "b""#, "byte 4: something follows the document"),
        (#""a"}"#, "byte 3: something follows the document"),
    ])
    func badStringsAreRefused(text: String, expected: String) {
        let error = #expect(throws: JSONError.self) { try string(text) }
        #expect(error?.description == expected)
    }

    @Test(arguments: [("0", 0), ("-12", -12), (" 65535,", 65535), ("9223372036854775807", Int.max)])
    func wholeNumbersAreRead(text: String, expected: Int) throws {
        var reader = JSONReader(Array(text.utf8))
        #expect(try reader.integer() == expected)
    }

    @Test(arguments: ["", "1.5", "1e3", "-", "9223372036854775808", "\"1\"", "null", "x1"])
    func otherNumbersAreRefused(text: String) {
        var reader = JSONReader(Array(text.utf8))
        #expect(throws: JSONError.self) { try reader.integer() }
    }

    @Test(arguments: [("true", true as Bool?), (" false ", false), ("null", nil)])
    func truthValuesAreRead(text: String, expected: Bool?) throws {
        var reader = JSONReader(Array(text.utf8))
        #expect(try reader.boolOrNull() == expected)
        try reader.end()
    }

    @Test(arguments: ["", "True", "tru", "1", "\"true\"", "nul"])
    func otherTruthValuesAreRefused(text: String) {
        var reader = JSONReader(Array(text.utf8))
        #expect(throws: JSONError.self) { try reader.boolOrNull() }
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-1.5e+10", #""a\"]}""#, "[]", "{}", #"[1,[2,{"a":null}],"x",true]"#,
        #"{"a":{"b":[{}]},"a":2}"#, " [ ] ", "[\n1\t,\r2 ]",
    ])
    func anythingIsSkipped(text: String) throws {
        var reader = JSONReader(Array("{\"x\":\(text),\"y\":\"after\"}".utf8))
        var after = ""
        try reader.object { (reader, key) throws(JSONError) in
            if key == "y" { after = try reader.string() } else { try reader.skip() }
        }
        try reader.end()
        #expect(after == "after")
    }

    @Test(arguments: [
        "", "nul", "truth", "tru", "+1", ".5", "'a'", "[1,]", "[,1]", "[1 2]", "[1}", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "{a:1}",
        "{1:2}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "[", "{", "[1", "{\"a\":1", "{\"a\"", "undefined", "<html>",
        "// x\n1",
    ])
    func whatIsNoJSONIsRefused(text: String) {
        var reader = JSONReader(Array(text.utf8))
        #expect(throws: JSONError.self) {
            try reader.skip()
            try reader.end()
        }
    }

    /// The reader recurses: a document of nothing but brackets must not end the process.
    @Test(arguments: ["[", "{\"a\":"])
    func nestingHasALimit(opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        func skip(depth: Int) throws(JSONError) {
            let text = String(repeating: opening, count: depth) + "null" + String(repeating: closing, count: depth)
            var reader = JSONReader(Array(text.utf8))
            try reader.skip()
            try reader.end()
        }
        try skip(depth: 64)
        #expect(throws: JSONError.self) { try skip(depth: 65) }
        #expect(throws: JSONError.self) { try skip(depth: 1_000_000) }
    }

    /// What was closed does not count.
    @Test func widthHasNoLimit() throws {
        var reader = JSONReader(Array(("[" + Array(repeating: "[{}]", count: 1000).joined(separator: ",") + "]").utf8))
        try reader.skip()
        try reader.end()
    }
}
