import Mesh
import Testing

@testable import Probing

/// Whole answers of real servers and of the RFCs.
struct DNSQueryJudgeTests {
    @Test(
        arguments: [
            (CapturedDNS.knotA, 2, 60, ["192.0.2.80", "192.0.2.81"]),
            (CapturedDNS.knotNoEDNS, 2, 60, ["192.0.2.80", "192.0.2.81"]),
            (CapturedDNS.knotAAAA, 1, 300, ["2001:db8::80"]),
            (CapturedDNS.knotMX, 2, 300, ["10 mail.example.test.", "20 mail2.example.test."]),
            (CapturedDNS.knotNS, 2, 300, ["ns1.example.test.", "ns2.example.test."]),
            (
                CapturedDNS.knotSOA, 1, 300,
                ["ns1.example.test. host.master.example.test. 2024010101 3600 600 86400 60"]
            ),
            (CapturedDNS.knotTXT, 1, 300, ["\"v=spf1 -all\" \"second; \\\"quoted\\\"\""]),
            (CapturedDNS.knotCAA, 1, 300, ["0 issue \"letsencrypt.org\""]),
            (CapturedDNS.knotSRV, 1, 300, ["5 10 5060 mail.example.test."]),
            (CapturedDNS.knotHTTPS, 1, 300, ["1 . alpn=\"h2,h3\" port=8443 ipv4hint=192.0.2.80 ipv6hint=2001:db8::80"]),
            (CapturedDNS.knotSVCB, 1, 300, ["0 www.example.test."]),
            (CapturedDNS.knotPTR, 1, 300, ["www.example.test."]),
            (CapturedDNS.knotHINFO, 1, 300, ["\\# 4 01610162"]),
            (CapturedDNS.knotAlias, 2, 30, ["192.0.2.80", "192.0.2.81"]),
            (CapturedDNS.knotCNAME, 1, 120, ["alias2.example.test."]),
            (CapturedDNS.unboundAlias, 2, 30, ["192.0.2.81", "192.0.2.80"]),
            (CapturedDNS.unboundA, 2, 60, ["192.0.2.81", "192.0.2.80"]),
            (CapturedDNS.unboundLocal, 1, 77, ["2001:db8::7"]),
            (CapturedDNS.unboundMX, 2, 300, ["20 mail2.example.test.", "10 mail.example.test."]),
        ] as [(DNSExchange, Int, UInt32, [String])])
    func good(exchange: DNSExchange, count: Int, ttl: UInt32, texts: [String]) {
        let verdict = DNSVerdict.good(.init(rcode: .noError, count: count, minimumTTL: ttl, texts: texts))
        #expect(exchange.judge() == verdict)
        #expect(exchange.judge().reason == nil)
    }

    @Test(
        arguments: [
            (CapturedDNS.knotGone, .rcode(.nameError)), (CapturedDNS.knotNXDOMAIN, .rcode(.nameError)),
            (CapturedDNS.unboundNXDOMAIN, .rcode(.nameError)), (CapturedDNS.knotREFUSED, .rcode(.refused)),
            (CapturedDNS.unboundREFUSED, .rcode(.refused)), (CapturedDNS.unboundLoop, .rcode(.serverFailure)),
            (CapturedDNS.knotBADVERS, .rcode(.badVersion)), (CapturedDNS.knotNODATA, .noAnswer(.nothing)),
            (CapturedDNS.knotOutside, .noAnswer(.aliasOnly)), (CapturedDNS.knotLoop, .noAnswer(.aliasLoop)),
            (CapturedDNS.knotTC, .truncated),
        ] as [(DNSExchange, DNSVerdict)])
    func notGood(exchange: DNSExchange, verdict: DNSVerdict) {
        #expect(exchange.judge() == verdict)
    }

    /// RFC 8484, section 4.2.2.
    @Test func rfc8484() throws {
        let query = DNSQuery(id: 0, name: try DNSName("www.example.com"), type: .aaaa)
        let answer = hex(
            """
            0000 8180 0001 0001 0000 0000 03777777 076578616d706c65 03636f6d 00 001c 0001
            c00c 001c 0001 00000e7d 0010 20010db8abcd00120001000200030004
            """)
        #expect(
            query.judge(answer)
                == .good(.init(rcode: .noError, count: 1, minimumTTL: 3709, texts: ["2001:db8:abcd:12:1:2:3:4"])))
    }

    /// Bytes cut off an answer never leave a good one.
    @Test(arguments: CapturedDNS.all)
    func cutAnywhere(exchange: DNSExchange) {
        let question = exchange.query.endOfQuestion
        for end in 0..<exchange.answer.count {
            let verdict = exchange.query.judge(Array(exchange.answer[..<end]))
            let isTruncated = exchange.answer[2] & 2 != 0
            switch end {
            case ..<12: #expect(verdict == .notForUs(.short))
            case ..<question: #expect(verdict == .notForUs(.otherQuestion))
            default: #expect(verdict == (isTruncated ? .truncated : .malformed(.endsEarly)), "\(end)")
            }
        }
    }

    /// No answer is taken for that to another question, nor with another id.
    @Test(arguments: CapturedDNS.all)
    func onlyForItsOwnQuery(exchange: DNSExchange) throws {
        for other in CapturedDNS.all where other.query != exchange.query {
            if other.query.name == exchange.query.name, other.query.type == exchange.query.type { continue }
            #expect(other.query.judge(exchange.answer) == .notForUs(.otherQuestion))
        }
        for id in UInt16.min...UInt16.max where id != 0x1234 {
            var query = exchange.query
            query.id = id
            if query.judge(exchange.answer) != .notForUs(.id) { Issue.record("taken for \(id)") }
        }
    }

    /// A server may answer in another case than it was asked in.
    @Test func caseOfTheQuestion() throws {
        let name = try DNSName("wWW.EXAMPLE.tESt")
        #expect(DNSQuery(id: 0x1234, name: name, type: .a).judge(CapturedDNS.knotA.answer).isGood)
    }

    @Test func textsAreWrittenAsFarAsWanted() {
        #expect(CapturedDNS.knotA.judge(describing: 1).texts == ["192.0.2.80"])
        #expect(CapturedDNS.knotA.judge(describing: 0).texts == [])
        #expect(CapturedDNS.knotA.judge(describing: -1).texts == [])
        #expect(CapturedDNS.knotA.judge(describing: .max).texts?.count == 2)
    }

    @Test func longTextsAreCut() throws {
        let answer = DNSAnswer(.txt, "c00c 0010 0001 00000000 0100 ff" + String(repeating: "61", count: 255))
        #expect(answer.verdict.texts == ["\"" + String(repeating: "a", count: 255) + "…"])
    }

    /// RFC 8482, section 4.2: one record in place of all.
    @Test func anyType() {
        #expect(
            DNSAnswer(.any, "c00c 000d 0001 00000e10 0009 0752464338343832 00").verdict.texts == [
                "\\# 9 075246433834383200"
            ])
        #expect(DNSAnswer(.any, "c00c 0005 0001 00000e10 0002 c010").verdict.texts == ["example.test."])
    }

    /// RFC 2181, section 8.
    @Test(
        arguments: [("00000000", 0), ("7fffffff", 0x7fff_ffff), ("80000000", 0), ("ffffffff", 0)] as [(String, UInt32)])
    func timesToLive(field: String, ttl: UInt32) {
        let verdict = DNSAnswer(.a, "c00c 0001 0001 \(field) 0004 c0000201").verdict
        #expect(verdict == .good(.init(rcode: .noError, count: 1, minimumTTL: ttl, texts: ["192.0.2.1"])))
    }

    @Test func aliasesInAnyOrder() {
        // w is z, y is w, and the question's name is y.
        let records = [
            "01770474657374 00 0005 0001 00000005 0008 017a 0474657374 00",
            "0179 0474657374 00 0005 0001 00000004 0008 0177 0474657374 00",
            "017a 0474657374 00 0001 0001 00000006 0004 c0000201",
            "c00c 0005 0001 00000007 0008 0159 0474657374 00",
        ]
        for first in records.indices {
            let order = records[first...] + records[..<first]
            #expect(
                DNSAnswer(.a, answers: 4, order.joined()).verdict
                    == .good(.init(rcode: .noError, count: 1, minimumTTL: 4, texts: ["192.0.2.1"])))
        }
    }

    /// Sixteen are followed.
    @Test(arguments: 1...20)
    func manyAliases(count: Int) {
        let names = (0..<count).map { "01\(String(0x61 + $0, radix: 16)) 00" }
        var records = ""
        for (owner, target) in zip(["c00c"] + names, names) { records += "\(owner) 0005 0001 00000009 0003 \(target)" }
        records += "\(names[count - 1]) 0001 0001 00000009 0004 c0000201"
        let verdict = DNSAnswer(.a, answers: count + 1, records).verdict
        #expect(count <= 16 ? verdict.isGood : verdict == .noAnswer(.tooManyAliases))
    }

    @Test func reasons() {
        #expect(DNSVerdict.rcode(.refused).reason == .rcode)
        #expect(DNSVerdict.noAnswer(.aliasLoop).reason == .noAnswer)
        #expect(DNSVerdict.malformed(.label).reason == .protocol)
        #expect(DNSVerdict.truncated.reason == .protocol)
        #expect(DNSVerdict.notForUs(.id).reason == .protocol)
        #expect(DNSVerdict.unexpected(texts: []).reason == .body)
    }

    @Test(
        arguments: [
            (.notForUs(.otherQuestion), "not an answer to this query (other_question)"),
            (.malformed(.data(.mx)), "not a DNS message: the data of a record of type MX are damaged"),
            (.rcode(DNSRcode(rawValue: 2)), "the server answered SERVFAIL"),
            (.noAnswer(.nothing), "the answer is empty"),
            (.unexpected(texts: ["192.0.2.1", "192.0.2.2"]), "the answer is not as expected: 192.0.2.1, 192.0.2.2"),
            (.good(.init(rcode: .noError, count: 1, minimumTTL: 1, texts: ["::1"])), "NOERROR, 1 answer: ::1"),
            (.good(.init(rcode: .nameError, count: 0, minimumTTL: nil, texts: [])), "NXDOMAIN, 0 answers"),
        ] as [(DNSVerdict, String)])
    func description(verdict: DNSVerdict, text: String) {
        #expect(verdict.description == text)
    }
}
