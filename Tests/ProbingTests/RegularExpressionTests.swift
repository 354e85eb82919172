import Reactor
import Testing

@testable import Probing

struct RegularExpressionTests {
    @Test(arguments: ["", "a", "^a|b$", "[0-9]{1,3}", "(a{2}){100}", "\\.", "é", "[{]{3}", "a{0}"])
    func good(pattern: String) {
        #expect(RegularExpression.complaint(about: pattern) == nil)
    }

    @Test(arguments: [
        ("(", "is not a POSIX extended regular expression: Unmatched ( or \\("),
        ("[a", "is not a POSIX extended regular expression: Unmatched [, [^, [:, [., or [="),
        ("a)|b", "has a parenthesis that closes nothing"), ("(a)\\1", "has a back reference"),
        ("a\u{0}b", "has a NUL in it"),
        ("(a{200}){2}", "repeats more than 255 times, all repetitions multiplied"),
        ("a{1,256}", "repeats more than 255 times, all repetitions multiplied"),
        ("a{99999999999999999999}", "repeats more than 255 times, all repetitions multiplied"),
        (String(repeating: "a", count: 1001), "is longer than 1000 bytes"),
    ])
    func bad(pattern: String, complaint: String) {
        #expect(RegularExpression.complaint(about: pattern) == complaint)
    }

    /// 64 KiB, and what takes glibc's search, or a matcher that goes back, seconds or for ever.
    @Test(arguments: ["(a*)*b", "(a|aa)+$b", "(a?){100}b", "(.*)(.*)(.*)(.*)x", "((a{1,5}){1,5}){1,5}b", "a.*a.*a.*b"])
    func itsTimeIsBounded(pattern: String) {
        #expect(RegularExpression.complaint(about: pattern) == nil)
        let expression = RegularExpression(pattern)
        let body = [UInt8](repeating: UInt8(ascii: "a"), count: 64 << 10)
        let start = Instant.now()
        #expect(!expression.matches(body))
        let elapsed = Instant.now() - start
        #expect(elapsed < .seconds(1), "\(elapsed)")
    }

    /// As if it were looked for everywhere, and over every byte.
    @Test(arguments: [
        ("^b", "b", true), ("^b", "ab", false), ("b$", "ab", true), ("b$", "ba", false), ("^$", "", true),
        ("^$", "a", false),
        ("a|b", "xxb", true), ("^a|b$", "xab", true), ("é", "\u{0}\u{ff}é", true), ("\\)", "a)", true), ("", "", true),
    ])
    func itIsFoundAnywhere(pattern: String, body: String, isFound: Bool) {
        #expect(RegularExpression(pattern).matches(Array(body.utf8)) == isFound)
    }

    @Test func everyByteCanComeBefore() {
        let body = (0...255).map { UInt8($0) } + Array("ok".utf8)
        #expect(RegularExpression("ok$").matches(body))
    }
}
