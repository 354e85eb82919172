import Testing

@testable import Probing

/// Answers that a broken or hostile server could give, each with its verdict. None is good.
struct BadDNSAnswersTests {
    @Test(
        arguments: [
            ("no bytes", DNSAnswer(.a, DNSAnswer.address).cut(to: 0), .short),
            ("one byte", DNSAnswer(.a, DNSAnswer.address).cut(to: 1), .short),
            ("a header but for one byte", DNSAnswer(.a, DNSAnswer.address).cut(to: 11), .short),
            ("wrong id", DNSAnswer(.a, DNSAnswer.address).with([0x12, 0x35], at: 0), .id),
            ("id in the wrong order", DNSAnswer(.a, DNSAnswer.address).with([0x34, 0x12], at: 0), .id),
            ("a question", DNSAnswer(.a, flags: 0x0100, DNSAnswer.address), .question),
            ("an inverse query", DNSAnswer(.a, flags: 0x8980, DNSAnswer.address), .opcode),
            ("a status", DNSAnswer(.a, flags: 0x9180, DNSAnswer.address), .opcode),
            ("a notification", DNSAnswer(.a, flags: 0xa180, DNSAnswer.address), .opcode),
            ("an update", DNSAnswer(.a, flags: 0xa980, DNSAnswer.address), .opcode),
            ("no question", DNSAnswer(.a, questions: 0, DNSAnswer.address), .otherQuestion),
            ("a header alone", DNSAnswer(.a, flags: 0x8181, questions: 0, answers: 0, "").cut(to: 12), .otherQuestion),
            ("two questions", DNSAnswer(.a, questions: 2, DNSAnswer.address), .otherQuestion),
            ("another name", DNSAnswer(.a, DNSAnswer.address).with(Array("wwx".utf8), at: 13), .otherQuestion),
            ("a name with a bit more", DNSAnswer(.a, DNSAnswer.address).with([0x04], at: 29), .otherQuestion),
            ("a name that ends early", DNSAnswer(.a, DNSAnswer.address).with([0x00], at: 24), .otherQuestion),
            (
                "a digit for a letter's other case", DNSAnswer(.a, DNSAnswer.address).with([0x57 ^ 0x40], at: 13),
                .otherQuestion
            ),
            ("another type", DNSAnswer(.a, DNSAnswer.address).with([0x00, 0x1c], at: 30), .otherQuestion),
            ("the type's other byte", DNSAnswer(.a, DNSAnswer.address).with([0x01, 0x01], at: 30), .otherQuestion),
            ("another class", DNSAnswer(.a, DNSAnswer.address).with([0x00, 0x03], at: 32), .otherQuestion),
            (
                "a question's name that is a pointer", DNSAnswer(.a, DNSAnswer.address).with([0xc0, 0x0c], at: 12),
                .otherQuestion
            ),
            ("the root's question", DNSAnswer(.a, DNSAnswer.address).with([0x00], at: 12), .otherQuestion),
        ] as [(String, DNSAnswer, DNSVerdict.Stray)])
    func notForUs(what: String, answer: DNSAnswer, stray: DNSVerdict.Stray) {
        #expect(answer.verdict == .notForUs(stray), "\(what)")
    }

    @Test(
        arguments: [
            ("a pointer to itself", DNSAnswer(.a, "c022 0001 0001 0000003c 0004 c0000201"), .pointer),
            ("a pointer forward", DNSAnswer(.a, "c032 0001 0001 0000003c 0004 c0000201 00"), .pointer),
            ("a pointer beyond the end", DNSAnswer(.a, "ffff 0001 0001 0000003c 0004 c0000201"), .pointer),
            (
                "a pointer back to its own name's start", DNSAnswer(.a, "0161 c022 0001 0001 0000003c 0004 c0000201"),
                .pointer
            ),
            (
                "two pointers at one another",
                DNSAnswer(.a, answers: 2, "c00c 0010 0001 0000003c 0002 c030 c02e 0001 0001 0000003c 0004 c0000201"),
                .pointer
            ),
            ("a pointer into the header", DNSAnswer(.a, "c000 0001 0001 0000003c 0004 c0000201"), .pointer),
            ("a pointer to the header's end", DNSAnswer(.a, "c00b 0001 0001 0000003c 0004 c0000201"), .pointer),
            ("half a pointer", DNSAnswer(.a, "c0"), .endsEarly),
            ("an extended label", DNSAnswer(.a, "41 00 0001 0001 0000003c 0004 c0000201"), .label),
            ("a reserved label", DNSAnswer(.a, "80 00 0001 0001 0000003c 0004 c0000201"), .label),
            (
                "a label of 64",
                DNSAnswer(.a, "40" + String(repeating: "61", count: 64) + "00 0001 0001 0000003c 0004 c0000201"), .label
            ),
            ("a label beyond the end", DNSAnswer(.a, "3f 61"), .endsEarly),
            ("a name without its root", DNSAnswer(.a, "0161"), .endsEarly),
            (
                "a name of 256",
                DNSAnswer(.a, String(repeating: "0161", count: 127) + "0100 00 0001 0001 0000003c 0004 c0000201"),
                .nameTooLong
            ),
            (
                "a name of 256 with a pointer",
                DNSAnswer(.a, String(repeating: "0161", count: 119) + "c00c 0001 0001 0000003c 0004 c0000201"),
                .nameTooLong
            ),
            ("one answer too few", DNSAnswer(.a, answers: 2, DNSAnswer.address), .endsEarly),
            ("one answer too many", DNSAnswer(.a, answers: 0, DNSAnswer.address), .trailingBytes),
            ("an authority too few", DNSAnswer(.a, authorities: 1, DNSAnswer.address), .endsEarly),
            (
                "all counts 65535",
                DNSAnswer(.a, answers: 65535, authorities: 65535, additionals: 65535, DNSAnswer.address),
                .endsEarly
            ),
            (
                "65535 answers, many there",
                DNSAnswer(.a, answers: 65535, String(repeating: DNSAnswer.address, count: 4000)),
                .endsEarly
            ),
            ("one byte more", DNSAnswer(.a, DNSAnswer.address + "00"), .trailingBytes),
            (
                "garbage behind OPT", DNSAnswer(.a, additionals: 1, DNSAnswer.address + DNSAnswer.opt + "deadbeef"),
                .trailingBytes
            ),
            ("no data length", DNSAnswer(.a, "c00c 0001 0001 0000003c"), .endsEarly),
            ("half a record", DNSAnswer(.a, "c00c 0001 00"), .endsEarly),
            ("data beyond the end", DNSAnswer(.a, "c00c 0001 0001 0000003c 0005 c0000201"), .endsEarly),
            ("65535 bytes of data", DNSAnswer(.a, "c00c 0001 0001 0000003c ffff c0000201"), .endsEarly),
            ("A of 3 bytes", DNSAnswer(.a, "c00c 0001 0001 0000003c 0003 c00002"), .data(.a)),
            ("A of 5 bytes", DNSAnswer(.a, "c00c 0001 0001 0000003c 0005 c000020101"), .data(.a)),
            ("A of none", DNSAnswer(.a, "c00c 0001 0001 0000003c 0000"), .data(.a)),
            (
                "A of 16 bytes", DNSAnswer(.a, "c00c 0001 0001 0000003c 0010 20010db8000000000000000000000001"),
                .data(.a)
            ),
            ("AAAA of 4 bytes", DNSAnswer(.aaaa, "c00c 001c 0001 0000003c 0004 c0000201"), .data(.aaaa)),
            (
                "a damaged second A",
                DNSAnswer(.a, answers: 2, DNSAnswer.address + "c00c 0001 0001 0000003c 0003 c00002"),
                .data(.a)
            ),
            (
                "a damaged A of another name",
                DNSAnswer(.a, answers: 2, DNSAnswer.address + "c010 0001 0001 0000003c 0003 c00002"),
                .data(.a)
            ),
            (
                "an alias with bytes behind its name", DNSAnswer(.a, "c00c 0005 0001 0000003c 0003 c010 00"),
                .data(.cname)
            ),
            (
                "an alias longer than its data",
                DNSAnswer(.a, answers: 2, "c00c 0005 0001 0000003c 0001 c010" + DNSAnswer.address),
                .data(.cname)
            ),
            ("an alias without a name", DNSAnswer(.a, "c00c 0005 0001 0000003c 0000 0161"), .data(.cname)),
            ("an alias to a pointer at itself", DNSAnswer(.a, "c00c 0005 0001 0000003c 0002 c02e"), .pointer),
            (
                "an alias to a pointer forward",
                DNSAnswer(.a, answers: 2, "c00c 0005 0001 0000003c 0002 c030" + DNSAnswer.address),
                .pointer
            ),
            ("MX without a name", DNSAnswer(.mx, "c00c 000f 0001 0000003c 0002 000a"), .data(.mx)),
            ("MX of one byte", DNSAnswer(.mx, "c00c 000f 0001 0000003c 0001 00"), .data(.mx)),
            (
                "SOA without its last byte",
                DNSAnswer(.soa, "c00c 0006 0001 0000003c 0017 c00c c00c 00000001 00000002 00000003 00000004 000000"),
                .data(.soa)
            ),
            ("SRV with half a port", DNSAnswer(.srv, "c00c 0021 0001 0000003c 0005 0001 0002 00"), .data(.srv)),
            ("TXT without a string", DNSAnswer(.txt, "c00c 0010 0001 0000003c 0000"), .data(.txt)),
            ("TXT with a string beyond its data", DNSAnswer(.txt, "c00c 0010 0001 0000003c 0002 0261"), .data(.txt)),
            ("CAA with a tag beyond its data", DNSAnswer(.caa, "c00c 0101 0001 0000003c 0003 00 0261"), .data(.caa)),
            ("SVCB with a pointer", DNSAnswer(.svcb, "c00c 0040 0001 0000003c 0004 0001 c00c"), .pointer),
            (
                "SVCB with keys out of order",
                DNSAnswer(.svcb, "c00c 0040 0001 0000003c 000d 0001 00 0003 0002 01bb 0002 0000"), .data(.svcb)
            ),
            (
                "HTTPS with a key twice", DNSAnswer(.https, "c00c 0041 0001 0000003c 000b 0001 00 0002 0000 0002 0000"),
                .data(.https)
            ),
            (
                "HTTPS with a value beyond its data",
                DNSAnswer(.https, "c00c 0041 0001 0000003c 0008 0001 00 000a 0002 00"), .data(.https)
            ),
            ("OPT twice", DNSAnswer(.a, additionals: 2, DNSAnswer.address + DNSAnswer.opt + DNSAnswer.opt), .opt),
            ("OPT as an answer", DNSAnswer(.a, answers: 2, DNSAnswer.address + DNSAnswer.opt), .opt),
            ("OPT as an authority", DNSAnswer(.a, authorities: 1, DNSAnswer.address + DNSAnswer.opt), .opt),
            (
                "OPT of another name",
                DNSAnswer(.a, additionals: 1, DNSAnswer.address + "c00c 0029 04d0 00000000 0000"), .opt
            ),
            (
                "OPT with half an option",
                DNSAnswer(.a, additionals: 1, DNSAnswer.address + "00 0029 04d0 00000000 0003 000a00"),
                .data(.opt)
            ),
            (
                "OPT with an option beyond its data",
                DNSAnswer(.a, additionals: 1, DNSAnswer.address + "00 0029 04d0 00000000 0005 000a 0002 00"),
                .data(.opt)
            ),
        ] as [(String, DNSAnswer, DNSFault)])
    func malformed(what: String, answer: DNSAnswer, fault: DNSFault) {
        #expect(answer.verdict == .malformed(fault), "\(what)")
    }

    @Test(arguments: [(31, true), (32, false)])
    func pointersInARow(count: Int, isGood: Bool) {
        // In data that nobody asked for; the first is at the offset 46.
        let chain = "c00c" + (0..<count - 1).map { String(0xc02e + 2 * $0, radix: 16) }.joined()
        let record = "c00c 0010 0001 00000000 \(fourDigits(2 * count)) \(chain)"
        let last = String(0xc02e + 2 * (count - 1), radix: 16)
        let answer = DNSAnswer(.a, answers: 2, record + "\(last) 0001 0001 0000003c 0004 c0000201")
        #expect(answer.verdict.isGood == isGood)
        if !isGood { #expect(answer.verdict == .malformed(.pointer)) }
    }

    @Test func longerThanAnyMessage() {
        var answer = DNSAnswer(.a, DNSAnswer.address)
        answer.bytes += [UInt8](repeating: 0, count: 65535 - answer.bytes.count)
        #expect(answer.verdict == .malformed(.trailingBytes))
        answer.bytes.append(0)
        #expect(answer.verdict == .malformed(.tooLong))
    }
}

private func fourDigits(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
}

extension DNSAnswer {
    fileprivate func cut(to count: Int) -> DNSAnswer {
        var answer = self
        answer.bytes.removeSubrange(count...)
        return answer
    }

    fileprivate func with(_ changed: [UInt8], at offset: Int) -> DNSAnswer {
        var answer = self
        answer.bytes.replaceSubrange(offset..<offset + changed.count, with: changed)
        return answer
    }
}
