internal import Glibc

/// A POSIX extended regular expression (regex(7)) that is looked for in a body.
///
/// It works on bytes: no text is decoded, and a NUL is one byte as any other, but for the dot, which does not match it. A
/// line's end is no special byte either: `^` and `$` are the two ends of the whole body.
package struct RegularExpression {
    private let pattern: String

    /// - Parameter pattern: One that ``complaint(about:)`` has nothing against.
    init(_ pattern: String) {
        // regexec(3) begins anew at each byte, which takes a time that grows with the square: `a.*a.*a.*b` on 64 KiB
        // took 13 s. Tied to the start it goes over the body once: 0.2 ms.
        self.pattern = "^([^a]|a)*(\(pattern))"
    }

    func matches(_ body: [UInt8]) -> Bool {
        // Compiled anew for each body: it takes microseconds, and glibc keeps what it has worked out about one body, up to
        // thousands of times the pattern's size, for as long as the compiled expression lives.
        var compiled = regex_t()
        let code = regcomp(&compiled, pattern, RegularExpression.flags)
        precondition(code == 0, "\(pattern): \(RegularExpression.text(of: code, &compiled))")
        defer { regfree(&compiled) }
        // The whole length: without it, regexec(3) would end at the first NUL.
        var range = regmatch_t(rm_so: 0, rm_eo: regoff_t(body.count))
        return (body + [0]).withUnsafeBytes { bytes in
            regexec(&compiled, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), 0, &range, REG_STARTEND) == 0
        }
    }

    private static let flags = REG_EXTENDED | REG_NOSUB
    private static let lengthLimit = 1000
    private static let repetitionLimit = 255

    /// What is wrong with a pattern; nil when nothing is.
    ///
    /// Back references are a GNU addition, and take time that grows exponentially: the one thread would stand still.
    /// Repetitions are copied by regcomp(3), within one another: two of 255 are 65,000 states.
    package static func complaint(about pattern: String) -> String? {
        if pattern.utf8.contains(0) { return "has a NUL in it" }
        if pattern.utf8.count > lengthLimit { return "is longer than \(lengthLimit) bytes" }
        var previous: UInt8 = 0
        var copies = 1
        var number: Int?
        for byte in pattern.utf8 {
            if previous == UInt8(ascii: "\\") {
                if UInt8(ascii: "1")...UInt8(ascii: "9") ~= byte { return "has a back reference" }
                previous = 0
                continue
            }
            if byte == UInt8(ascii: "{") {
                number = 0
            } else if let old = number, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
                number = min(old * 10 + Int(byte - UInt8(ascii: "0")), 100_000)
            } else if let last = number {
                copies = min(copies * max(last, 1), 100_000)
                number = byte == UInt8(ascii: ",") ? 0 : nil
            }
            previous = byte
        }
        if copies > repetitionLimit { return "repeats more than \(repetitionLimit) times, all repetitions multiplied" }
        var compiled = regex_t()
        let code = regcomp(&compiled, pattern, flags)
        if code != 0 { return "is not a POSIX extended regular expression: \(text(of: code, &compiled))" }
        regfree(&compiled)
        // glibc takes a parenthesis that closes nothing for itself; in another one it would close that.
        if regcomp(&compiled, "(" + pattern, flags) == 0 {
            regfree(&compiled)
            return "has a parenthesis that closes nothing"
        }
        return nil
    }

    private static func text(of code: Int32, _ compiled: inout regex_t) -> String {
        var text = [CChar](repeating: 0, count: 200)
        regerror(code, &compiled, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
