import Documents
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("10s", .seconds(10)), ("1m", .seconds(60)), ("1h", .seconds(3600)),
        ("1m30s", .seconds(90)), ("2h5ms", .milliseconds(7_200_005)), ("0", .zero), ("0s", .zero),
        ("90s", .seconds(90)), ("007s", .seconds(7)), ("999999999h", .seconds(999_999_999 * 3600)),
    ])
    func durationsAreRead(text: String, expected: Duration) {
        #expect(Duration(text: text) == expected)
    }

    @Test(arguments: [
        "", "s", "4x", "10", "1.5s", "-1s", "+1s", "1s1m", "1s1s", "1 s", " 1s", "1s ", "1S", "1mss", "1d", "1sm",
        "1000000000h", "١s", "1m s",
    ])
    func nothingElseIs(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test(arguments: ["500ms", "10s", "1m", "1h", "1m30s", "2h5ms", "0s", "24h"])
    func theTextIsTheShortest(text: String) {
        #expect(Duration(text: text)?.text == text)
    }
}
