import Testing

@testable import Exposition

struct LabelTextTests {
    private func text(_ names: [String], _ values: [String]) -> String {
        String(decoding: LabelText.render(names, values), as: UTF8.self)
    }

    @Test func `labels keep the order of the family`() {
        #expect(text(["z", "a"], ["1", "2"]) == #"{z="1",a="2""#)
    }

    @Test func `nothing to say is empty`() {
        #expect(text([], []) == "")
        #expect(text(["a"], [""]) == "")
    }

    @Test func `an empty value is left out wherever it is`() {
        #expect(text(["a", "b", "c"], ["", "2", "3"]) == #"{b="2",c="3""#)
        #expect(text(["a", "b", "c"], ["1", "", "3"]) == #"{a="1",c="3""#)
        #expect(text(["a", "b", "c"], ["1", "2", ""]) == #"{a="1",b="2""#)
    }

    @Test func `values are escaped`() {
        #expect(text(["a"], ["\\"]) == #"{a="\\""#)
        #expect(text(["a"], ["\n"]) == #"{a="\n""#)
        #expect(text(["a"], ["\""]) == #"{a="\"""#)
        #expect(text(["a"], [#"C:\new "x""#]) == #"{a="C:\\new \"x\"""#)
        // One character of Swift, two bytes of the format, of which one is escaped.
        #expect(text(["a"], ["\r\n"]) == "{a=\"\r\\n\"")
        #expect(text(["a"], ["zürich 🫀"]) == #"{a="zürich 🫀""#)
    }

    @Test func `a value cannot pose as another label`() {
        #expect(text(["a", "b"], [#"1",b="2"#, ""]) != text(["a", "b"], ["1", "2"]))
        #expect(text(["a", "b"], ["x\\", "y"]) != text(["a", "b"], ["x", "\\y"]))
    }

    @Test func `help keeps its quotes`() {
        var help: [UInt8] = []
        help.append(escapedHelp: "a \"b\" \\ c\nd")
        #expect(String(decoding: help, as: UTF8.self) == #"a "b" \\ c\nd"#)
    }
}
