import Testing

@testable import Probing

/// Answers that are messages, but not what was asked for; and odd ones that are good nevertheless.
struct EmptyDNSAnswersTests {
    @Test(
        arguments: [
            ("nothing", DNSAnswer(.a, answers: 0, ""), .noAnswer(.nothing)),
            (
                "another type only", DNSAnswer(.a, "c00c 001c 0001 0000003c 0010 20010db8000000000000000000000001"),
                .noAnswer(.nothing)
            ),
            ("another name only", DNSAnswer(.a, "c010 0001 0001 0000003c 0004 c0000201"), .noAnswer(.nothing)),
            ("a longer name only", DNSAnswer(.a, "0161 c00c 0001 0001 0000003c 0004 c0000201"), .noAnswer(.nothing)),
            ("another class only", DNSAnswer(.a, "c00c 0001 0003 0000003c 0004 c0000201"), .noAnswer(.nothing)),
            (
                "as an authority only", DNSAnswer(.a, answers: 0, authorities: 1, DNSAnswer.address),
                .noAnswer(.nothing)
            ),
            (
                "as an additional record only",
                DNSAnswer(.a, answers: 0, additionals: 2, DNSAnswer.address + DNSAnswer.opt),
                .noAnswer(.nothing)
            ),
            (
                "an alias of another class",
                DNSAnswer(.a, answers: 2, "c00c 0005 0003 0000003c 0002 c010 c010 0001 0001 0000003c 0004 c0000201"),
                .noAnswer(.nothing)
            ),
            (
                "an alias and the address of its own name",
                DNSAnswer(.a, answers: 2, "c00c 0005 0001 0000003c 0002 c010" + DNSAnswer.address),
                .noAnswer(.aliasOnly)
            ),
            (
                "an alias of itself",
                DNSAnswer(.a, answers: 2, "c00c 0005 0001 0000003c 0002 c00c" + DNSAnswer.address),
                .noAnswer(.aliasLoop)
            ),
            (
                "aliases in a circle",
                DNSAnswer(
                    .a, answers: 3,
                    "c00c 0005 0001 0000003c 0002 c010 c010 0005 0001 0000003c 0002 c018 c018 0005 0001 0000003c 0002 c010"
                ), .noAnswer(.aliasLoop)
            ),
            ("FORMERR", DNSAnswer(.a, flags: 0x8181, answers: 0, ""), .rcode(.formatError)),
            ("SERVFAIL with an address", DNSAnswer(.a, flags: 0x8182, DNSAnswer.address), .rcode(.serverFailure)),
            ("NXDOMAIN with an address", DNSAnswer(.a, flags: 0x8183, DNSAnswer.address), .rcode(.nameError)),
            ("NOTIMP", DNSAnswer(.a, flags: 0x8184, answers: 0, ""), .rcode(.notImplemented)),
            ("REFUSED", DNSAnswer(.a, flags: 0x8185, answers: 0, ""), .rcode(.refused)),
            (
                "BADCOOKIE",
                DNSAnswer(.a, flags: 0x8187, additionals: 1, DNSAnswer.address + "00 0029 04d0 01000000 0000"),
                .rcode(DNSRcode(rawValue: 23))
            ),
            (
                "the highest rcode",
                DNSAnswer(.a, flags: 0x818f, additionals: 1, DNSAnswer.address + "00 0029 04d0 ff000000 0000"),
                .rcode(DNSRcode(rawValue: 4095))
            ),
            ("truncated", DNSAnswer(.a, flags: 0x8380, answers: 0, ""), .truncated),
            ("truncated with an address", DNSAnswer(.a, flags: 0x8380, DNSAnswer.address), .truncated),
            (
                "truncated within a record",
                DNSAnswer(.a, flags: 0x8380, answers: 2, DNSAnswer.address + "c00c 0001"), .truncated
            ),
        ] as [(String, DNSAnswer, DNSVerdict)])
    func noSuccess(what: String, answer: DNSAnswer, verdict: DNSVerdict) {
        #expect(answer.verdict == verdict, "\(what)")
    }

    /// These are odd, and good.
    @Test(
        arguments: [
            (
                "the name without compression",
                DNSAnswer(.a, "03777777 076578616d706c65 0474657374 00 0001 0001 0000003c 0004 c0000201")
            ),
            ("the name in capitals", DNSAnswer(.a, "03575757 c010 0001 0001 0000003c 0004 c0000201")),
            (
                "a pointer to a pointer",
                DNSAnswer(.a, answers: 2, "c00c 0010 0001 0000003c 0002 c00c c02e 0001 0001 0000003c 0004 c0000201")
            ),
            (
                "OPT before another record",
                DNSAnswer(.a, additionals: 2, DNSAnswer.address + DNSAnswer.opt + DNSAnswer.address)
            ),
            (
                "OPT with options",
                DNSAnswer(
                    .a, additionals: 1,
                    DNSAnswer.address + "00 0029 04d0 00000000 000b 000a 0001 01 000f 0002 0014")
            ),
            ("the bits AA, AD, CD and Z, without RA", DNSAnswer(.a, flags: 0x8570, DNSAnswer.address)),
            (
                "damaged records that nobody asked for",
                DNSAnswer(
                    .a, authorities: 1, additionals: 1,
                    DNSAnswer.address + DNSAnswer.address.replacing("0004 c0000201", with: "0001 00")
                        + "c00c 001c 0001 00000000 0000")
            ),
        ] as [(String, DNSAnswer)])
    func odd(what: String, answer: DNSAnswer) {
        #expect(answer.verdict.isGood, "\(what)")
    }
}
