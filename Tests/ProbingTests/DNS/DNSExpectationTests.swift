import Testing

@testable import Probing

struct DNSExpectationTests {
    @Test(arguments: [
        (CapturedDNS.knotA, ["192.0.2.81"]), (CapturedDNS.knotA, ["198.51.100.1", "192.0.2.80"]),
        (CapturedDNS.knotAAAA, ["2001:DB8:0:0::80"]), (CapturedDNS.knotMX, ["20  Mail2.example.test"]),
        (CapturedDNS.knotNS, ["ns2.EXAMPLE.test"]), (CapturedDNS.knotCNAME, ["alias2.example.test."]),
        (CapturedDNS.knotSOA, ["ns1.example.test host.master.example.test 2024010101 3600 600 86400 60"]),
        (CapturedDNS.knotTXT, ["\"v=spf1 -all\" \"second; \\\"quoted\\\"\""]),
        (CapturedDNS.knotTXT, ["v=spf1 -allsecond; \"quoted\""]),
        (CapturedDNS.knotCAA, ["0 issue \"letsencrypt.org\""]), (CapturedDNS.knotSRV, ["5 10 5060 mail.example.test"]),
        (CapturedDNS.knotHTTPS, ["1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.80 ipv6hint=2001:db8::80"]),
        (CapturedDNS.knotHTTPS, ["1 . alpn=\"h2,h3\" port=\"8443\" ipv4hint=\"192.0.2.80\" ipv6hint=\"2001:db8::80\""]),
        (CapturedDNS.knotHINFO, ["\\# 4 01610162"]), (CapturedDNS.knotPTR, ["www.example.test"]),
        (CapturedDNS.knotAlias, ["192.0.2.80"]),
    ])
    func met(exchange: DNSExchange, answers: [String]) throws {
        let expectation = try DNSExpectation(of: exchange.query.type, answers: answers)
        #expect(exchange.judge(expecting: expectation).isGood)
    }

    @Test(arguments: [
        (CapturedDNS.knotA, ["192.0.2.8"], ["192.0.2.80", "192.0.2.81"]),
        (CapturedDNS.knotAAAA, ["::1"], ["2001:db8::80"]),
        (CapturedDNS.knotMX, ["10 mail2.example.test"], ["10 mail.example.test.", "20 mail2.example.test."]),
        (CapturedDNS.knotTXT, ["v=spf1 -all"], ["\"v=spf1 -all\" \"second; \\\"quoted\\\"\""]),
        (CapturedDNS.knotTXT, ["V=spf1 -allsecond; \"quoted\""], ["\"v=spf1 -all\" \"second; \\\"quoted\\\"\""]),
        (
            CapturedDNS.knotTXT, ["v=spf1 -allsecond; \"quoted\" and more"],
            ["\"v=spf1 -all\" \"second; \\\"quoted\\\"\""]
        ),
        (CapturedDNS.knotCAA, ["0 issue \"Letsencrypt.org\""], ["0 issue \"letsencrypt.org\""]),
    ])
    func notMet(exchange: DNSExchange, answers: [String], texts: [String]) throws {
        let expectation = try DNSExpectation(of: exchange.query.type, answers: answers)
        #expect(exchange.judge(expecting: expectation, describing: 0) == .unexpected(texts: texts))
    }

    @Test(arguments: [
        (["192.0.2.80"], true), (["192.0.2.80", "192.0.2.81"], true), (["192.0.2.81", "192.0.2.80"], true),
        (["192.0.2.80", "192.0.2.82"], false), (["192.0.2.80", "192.0.2.80"], true),
    ])
    func all(answers: [String], isMet: Bool) throws {
        let expectation = try DNSExpectation(of: .a, answers: answers, match: .all)
        #expect(CapturedDNS.knotA.judge(expecting: expectation).isGood == isMet)
    }

    @Test func sixtyFour() throws {
        let answers = (0..<63).map { "198.51.100.\($0)" } + ["192.0.2.81"]
        #expect(CapturedDNS.knotA.judge(expecting: try DNSExpectation(of: .a, answers: answers)).isGood)
        #expect(!CapturedDNS.knotA.judge(expecting: try DNSExpectation(of: .a, answers: answers, match: .all)).isGood)
        #expect(throws: DNSExpectation.Invalid.self) {
            try DNSExpectation(of: .a, answers: answers + ["192.0.2.80"])
        }
    }

    @Test func anotherRcode() throws {
        let expectation = try DNSExpectation(of: .a, rcodes: [.nameError])
        let good = DNSVerdict.good(.init(rcode: .nameError, count: 0, minimumTTL: nil, texts: []))
        #expect(CapturedDNS.knotNXDOMAIN.judge(expecting: expectation) == good)
        #expect(CapturedDNS.knotGone.judge(expecting: expectation) == good)
        #expect(CapturedDNS.knotA.judge(expecting: expectation) == .rcode(.noError))
        #expect(CapturedDNS.knotREFUSED.judge(expecting: expectation) == .rcode(.refused))
    }

    @Test func oneOfTwoRcodes() throws {
        let expectation = try DNSExpectation(of: .a, rcodes: [.noError, .nameError])
        #expect(CapturedDNS.knotNXDOMAIN.judge(expecting: expectation).isGood)
        #expect(CapturedDNS.knotA.judge(expecting: expectation).isGood)
        #expect(CapturedDNS.knotOutside.judge(expecting: expectation) == .noAnswer(.aliasOnly))
    }

    @Test func noAnswerNeeded() throws {
        let expectation = try DNSExpectation(of: .aaaa, needsAnswer: false)
        let good = DNSVerdict.good(.init(rcode: .noError, count: 0, minimumTTL: nil, texts: []))
        #expect(CapturedDNS.knotNODATA.judge(expecting: expectation) == good)
        #expect(CapturedDNS.knotAAAA.judge(expecting: expectation).texts == ["2001:db8::80"])
    }

    /// What is expected must be there, whatever else is said.
    @Test func expectedAnswersAreNeeded() throws {
        let expectation = try DNSExpectation(of: .aaaa, needsAnswer: false, answers: ["::1"])
        #expect(CapturedDNS.knotNODATA.judge(expecting: expectation) == .noAnswer(.nothing))
    }

    @Test(
        arguments: [
            (.a, [.noError], ["::1"], "\"::1\" is not an address of type A"),
            (.aaaa, [.noError], ["192.0.2.1"], "\"192.0.2.1\" is not an address of type AAAA"),
            (.a, [.noError], [""], "\"\" is not an address of type A"),
            (.mx, [.noError], ["  "], "an expected answer is empty"),
            (.a, [], [], "no rcode is expected"),
            (.a, [.nameError], ["192.0.2.1"], "answers are expected, but not NOERROR"),
            (.any, [.noError], ["192.0.2.1"], "the answers of type ANY are the server's choice"),
        ] as [(DNSType, [DNSRcode], [String], String)])
    func invalid(type: DNSType, rcodes: [DNSRcode], answers: [String], problem: String) {
        let error = #expect(throws: DNSExpectation.Invalid.self) {
            try DNSExpectation(of: type, rcodes: rcodes, answers: answers)
        }
        #expect(error?.description == problem)
    }
}
