import CLinux
import Glibc
import Testing

@testable import Reactor

struct NameLookupTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop()
    }

    private func answers(_ names: Set<String>, from lookup: NameLookup) throws -> [String: NameLookup.Answer] {
        var answers: [String: NameLookup.Answer]?
        lookup.lookUp(names) { answers = $0 }
        #expect(answers == nil)
        #expect(loop.turn { answers == nil })
        return try #require(answers)
    }

    /// As /etc/hosts has it; numbers need nobody.
    @Test func namesThatTheSystemKnows() throws {
        let answers = try answers(["localhost", "192.0.2.1", "2001:db8::1"], from: NameLookup(on: loop))
        guard case .addresses(let local) = answers["localhost"] else {
            Issue.record("localhost: \(String(describing: answers["localhost"]))")
            return
        }
        #expect(local.contains("127.0.0.1") && Set(local).count == local.count)
        #expect(answers["192.0.2.1"] == .addresses(["192.0.2.1"]))
        #expect(answers["2001:db8::1"] == .addresses(["2001:db8::1"]))
        #expect(answers.count == 3)
    }

    /// A name that can't be one needs no server to be refused.
    @Test func whatIsNoNameHasNoAddress() throws {
        #expect(try answers([String(repeating: "x", count: 300)], from: NameLookup(on: loop)).values.first != nil)
        #expect(try answers([], from: NameLookup(on: loop)).isEmpty)
    }

    @Test func severalOneAfterTheOther() throws {
        let lookup = NameLookup(on: loop)
        for _ in 0..<20 {
            #expect(try answers(["127.0.0.1"], from: lookup) == ["127.0.0.1": .addresses(["127.0.0.1"])])
        }
        let many = Set((1...200).map { "10.0.0.\($0)" })
        #expect(
            try answers(many, from: lookup) == Dictionary(uniqueKeysWithValues: many.map { ($0, .addresses([$0])) }))
    }

    /// The loop does other things meanwhile, and is idle once it is over.
    @Test func theLoopDoesNotWait() throws {
        let lookup = NameLookup(on: loop)
        var isDone = false
        lookup.lookUp(["nothing.invalid"]) { _ in isDone = true }
        let start = Instant.now()
        loop.turn(until: .now())
        #expect(Instant.now() - start < .milliseconds(500))
        #expect(loop.turn { !isDone })
        #expect(Instant.now() - start < .seconds(8))
        var turns = 0
        let end = Instant.now() + .milliseconds(100)
        while Instant.now() < end {
            loop.turn(until: end)
            turns += 1
        }
        #expect(turns < 5)
    }

    @Test func aCancelledLookupTellsNothing() throws {
        let lookup = NameLookup(on: loop)
        var isDone = false
        lookup.lookUp(["localhost", "nothing.invalid"]) { _ in isDone = true }
        lookup.cancel()
        lookup.cancel()
        #expect(try answers(["127.0.0.2"], from: lookup).count == 1)
        #expect(!isDone)
    }

    /// Let go of in the middle: glibc writes its answer all the same, into memory that is still there.
    @Test func aLookupThatIsLetGoOf() throws {
        for _ in 0..<50 {
            var lookup: NameLookup? = NameLookup(on: loop)
            weak let left = lookup
            lookup?.lookUp(["localhost", "nothing.invalid"]) { _ in Issue.record("told") }
            lookup = nil
            #expect(left == nil)
        }
        #expect(try answers(["127.0.0.2"], from: NameLookup(on: loop)).count == 1)
    }

    /// glibc looks up twenty names at once: a hundred are not done within no time at all. What is given up ends later, and
    /// nothing is left of it.
    @Test func theLimit() throws {
        let lookup = NameLookup(on: loop, limit: .zero)
        let names = Set((1...100).map { "nothing-\($0).invalid" })
        let answers = try answers(names, from: lookup)
        #expect(answers.count == 100)
        let failed = answers.values.count {
            if case .failed = $0 { true } else { false }
        }
        #expect(failed > 0)
        #expect(try self.answers(["127.0.0.2"], from: NameLookup(on: loop)).count == 1)
    }

    @Test(arguments: [
        (EAI_NONAME, NameLookup.Answer.nothing), (EAI_NODATA, .nothing), (EAI_ADDRFAMILY, .nothing),
        (EAI_AGAIN, .failed("Temporary failure in name resolution")),
        (EAI_FAIL, .failed("Non-recoverable failure in name resolution")),
        (EAI_MEMORY, .failed("Memory allocation failure")), (EAI_SYSTEM, .failed("System error")), (0, .nothing),
    ])
    func onlyAnAnswerIsAnAnswer(code: Int32, expected: NameLookup.Answer) {
        #expect(NameLookup.answer(code, nil) == expected)
    }
}
