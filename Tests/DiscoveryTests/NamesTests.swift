import Mesh
import Reactor
import Testing

@testable import Discovery

struct NamesTests {
    private let loop: EventLoop
    private let witness = Witness()
    private let resolver = Resolver()

    private final class Count {
        var changes = 0
    }
    private let count = Count()

    init() throws {
        loop = try EventLoop()
        resolver.use(loop)
    }

    private func names(every interval: Duration = .milliseconds(20)) -> Names {
        Names(every: interval, on: loop, resolver: resolver, observer: witness) { [count] in count.changes += 1 }
    }

    @Test func aNewNameIsLookedUpAtOnce() throws {
        let names = names(every: .seconds(3600))
        resolver.answers = ["a.example": .addresses(["fd00::1", "10.0.0.2", "10.0.0.1", "fe80::1%eth0", "10.0.0.1"])]
        names.want(["a.example"])
        #expect(names.hasUnknown && names["a.example"] == nil)
        try loop.turn(until: "the answer") { !names.hasUnknown }
        #expect(names["a.example"] == addresses("10.0.0.1", "10.0.0.2", "fd00::1"))
        names.want(["a.example", "b.example"])
        names.want(["a.example", "b.example", "c.example"])
        try loop.turn(until: "the others") { !names.hasUnknown }
        #expect(names["b.example"] == [] && names["c.example"] == [])
        #expect(resolver.asked.map(\.count) == [1, 2, 3])
        #expect(count.changes == 2)
        names.want(["b.example"])
        #expect(names["a.example"] == nil)
        #expect(witness.successes.map(\.resource) == [.names, .names, .names])
    }

    /// Otherwise the time of the last success would grow old, and an alert would fire for names that nobody wants.
    @Test func whereNothingIsLeftToLookUpItIsConfirmed() throws {
        let names = names()
        resolver.answers = ["a.example": .addresses(["10.0.0.1"])]
        names.want(["a.example"])
        try loop.turn(until: "the answer") { !names.hasUnknown }
        names.want([])
        let count = witness.successes.count
        try loop.turn(until: "confirmations") { witness.successes.count >= count + 3 }
        #expect(resolver.asked.count == 1)
    }

    /// Trap 9: as many as there are, within reason.
    @Test func aNameWithVeryManyAddresses() throws {
        let names = names(every: .seconds(3600))
        resolver.answers = ["a.example": .addresses((1...40).map { "10.0.0.\($0)" })]
        names.want(["a.example"])
        try loop.turn(until: "the answer") { !names.hasUnknown }
        #expect(names["a.example"]?.count == 16)
    }

    /// That there is none is an answer; that nobody can tell is none.
    @Test func whatWasKnownStaysWhileNobodyCanTell() throws {
        let names = names()
        resolver.answers = ["a.example": .addresses(["10.0.0.1"]), "b.example": .failed("no servers")]
        names.want(["a.example", "b.example"])
        try loop.turn(until: "the failure") { witness.otherFailures.count == 1 }
        #expect(names["a.example"] == addresses("10.0.0.1") && names["b.example"] == [])
        #expect(witness.otherFailures[0].resource == .names && witness.otherFailures[0].failure.reason == .resolve)
        #expect(witness.otherFailures[0].failure.description == "b.example: no servers")
        resolver.answers = ["a.example": .failed("later"), "b.example": .failed("later")]
        try loop.turn(until: "the next failure") { witness.otherFailures.count == 2 }
        #expect(names["a.example"] == addresses("10.0.0.1"))
        #expect(witness.otherFailures[1].failure.description == "a.example: later, and 1 more")
        #expect(count.changes == 1)
        resolver.answers = [:]
        try loop.turn(until: "the answer") { !witness.successes.isEmpty }
        #expect(names["a.example"] == [])
        #expect(count.changes == 2)
    }

    @Test func namesAreLookedUpAgainAndAgain() throws {
        let names = names()
        names.want(["a.example"])
        try loop.turn(until: "two looks") { witness.successes.count == 2 }
        resolver.answers = ["a.example": .addresses(["10.0.0.1"])]
        try loop.turn(until: "the change") { names["a.example"]?.isEmpty == false }
        #expect(count.changes == 2)
        names.want([])
        let asked = resolver.asked.count
        for _ in 0..<5 { loop.turn(until: Instant.now() + .milliseconds(10)) }
        #expect(resolver.asked.count <= asked + 1)
    }
}
