import Testing

@testable import heartmesh

private let time = Timestamp(seconds: 1_795_248_000, nanoseconds: 123_000_000)

private func line(_ format: LogFormat, _ message: String, _ fields: LogField...) -> String {
    LogLine(time: time, level: .info, message: message, fields: fields).render(format)
}

@Suite struct LogLineTests {
    @Test func logfmt() {
        #expect(
            line(.logfmt, "peer lost", ("node", "node-a"), ("attempts", 3), ("ratio", 0.5), ("watched", true))
                == "ts=2026-11-21T08:00:00.123Z level=info msg=\"peer lost\" node=node-a attempts=3 ratio=0.5 watched=true\n"
        )
    }

    @Test func json() {
        #expect(
            line(.json, "peer lost", ("node", "node-a"), ("attempts", 3), ("ratio", 0.5), ("watched", true))
                == #"{"ts":"2026-11-21T08:00:00.123Z","level":"info","msg":"peer lost","#
                + #""node":"node-a","attempts":3,"ratio":0.5,"watched":true}"# + "\n")
    }

    @Test(arguments: [
        ("plain", "plain"), ("", #""""#), ("a b", #""a b""#), ("a=b", #""a=b""#), (#"a"b"#, #""a\"b""#),
        (#"a\b"#, #"a\b"#), (#"a\ b"#, #""a\\ b""#), ("http://[::1]:9873/x?y", "http://[::1]:9873/x?y"),
        ("a\nlevel=error", #""a\nlevel=error""#), ("\t", #""\t""#), ("\r", #""\r""#), ("\u{0}", #""\u0000""#),
        ("\u{1B}[31m", #""\u001b[31m""#), ("\u{7F}", #""\u007f""#), ("\u{9B}31m", #""\u009b31m""#),
        ("\u{2028}", #""\u2028""#), ("\u{202E}", #""\u202e""#), ("\u{A0}", "\"\u{A0}\""), ("zoë", "zoë"), ("😀", "😀"),
    ])
    func logfmtValues(value: String, expected: String) {
        #expect(line(.logfmt, "m", ("v", value)).hasSuffix(" msg=m v=\(expected)\n"))
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("", #""""#), ("a b", #""a b""#), (#"a"b\c"#, #""a\"b\\c""#), ("a\nb", #""a\nb""#),
        ("\u{1B}", #""\u001b""#), ("\u{2028}", #""\u2028""#), ("zoë 😀", #""zoë 😀""#), ("12", #""12""#),
    ])
    func jsonValues(value: String, expected: String) {
        #expect(line(.json, "m", ("v", value)).hasSuffix(#","msg":"m","v":\#(expected)}"# + "\n"))
    }

    /// JSON has no infinities: they are text.
    @Test func jsonNumbers() {
        #expect(line(.json, "m", ("v", Double.infinity)).hasSuffix(#""v":"inf"}"# + "\n"))
        #expect(line(.json, "m", ("v", UInt64.max)).hasSuffix(#""v":18446744073709551615}"# + "\n"))
        #expect(line(.json, "m", ("v", -0.25)).hasSuffix(#""v":-0.25}"# + "\n"))
        #expect(line(.json, "m", ("v", Duration.seconds(2))).hasSuffix(#""v":"2.0 seconds"}"# + "\n"))
    }

    @Test func levelsHaveAnOrder() {
        #expect(LogLevel.allCases.sorted() == [.debug, .info, .warn, .error])
    }
}
