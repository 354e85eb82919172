import Documents
import Testing

struct JSONPathTests {
    @Test(arguments: [
        ("", #""x""#, JSONScalar.string("x")), ("", "5", .number("5")), ("a", #"{"a":true}"#, .bool(true)),
        ("a", #"{"b":1,"a":null}"#, .null), ("a", #"{"a":1,"a":2}"#, .number("2")),
        ("a.b[0].c", #"{"a":{"b":[{"c":"ok"},1]}}"#, .string("ok")), ("[1]", "[1,2]", .number("2")),
        ("[1][0]", "[[],[false]]", .bool(false)), ("a-b.ü", #"{"a-b":{"ü":1.5e3}}"#, .number("1.5e3")),
    ])
    func finds(path: String, document: String, value: JSONScalar) throws {
        #expect(try #require(JSONPath(path)).scalar(in: Array(document.utf8)) == value)
    }

    @Test(arguments: [
        ("a", "{}"), ("a", "[]"), ("a", "1"), ("[0]", "[]"), ("[0]", "{}"), ("a", #"{"a":{}}"#), ("a", #"{"a":[1]}"#),
        ("a.b", #"{"a":1}"#), ("", "{}"), ("a", "null"), ("[0]", "null"), ("A", #"{"a":1}"#),
    ])
    func findsNothing(path: String, document: String) throws {
        #expect(try #require(JSONPath(path)).scalar(in: Array(document.utf8)) == nil)
    }

    /// Also after the place that is asked for.
    @Test(arguments: [
        "", #"{"a":1"#, #"{"a":1}}"#, #"{"a":1,}"#, #"{"a":1,"b":x}"#, #"{"a":tru}"#,
        String(repeating: "[", count: 100),
    ])
    func refusesWhatIsNoJSON(document: String) throws {
        let path = try #require(JSONPath("a"))
        #expect(throws: JSONError.self) { try path.scalar(in: Array(document.utf8)) }
    }

    @Test(arguments: [".", "a.", ".a", "a..b", "a[", "a]", "a[]", "a[x]", "a[-1]", "a[01]", "a[0]b", "[0].", "a.[0]"])
    func refusesWhatIsNoPath(text: String) {
        #expect(JSONPath(text) == nil)
    }

    @Test(arguments: [
        (JSONScalar.number("5"), JSONScalar.number("5.0"), true), (.number("5"), .string("5"), false),
        (.number("1e2"), .number("100"), true), (.number("9007199254740993"), .number("9007199254740992"), false),
        (.null, .null, true), (.bool(true), .bool(false), false), (.number("1-2"), .number("1"), false),
    ])
    func sameness(left: JSONScalar, right: JSONScalar, isSame: Bool) {
        #expect(left.isSame(as: right) == isSame)
        #expect(right.isSame(as: left) == isSame)
    }
}
