import Mesh
import Reactor
import Testing

@testable import heartmesh

struct HeldFailuresTests {
    private typealias Decision = HeldFailures.Decision

    private static func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private static func failure(_ slot: Int, at seconds: Int64) -> HeldFailure {
        HeldFailure(slot: slot, reason: .timeout, endedAt: at(seconds))
    }

    fileprivate static let peer = Peer(node: "a", zone: "", addresses: [], port: 1, pod: "p")
    private static let a = HeldFailures.Subject.peer(node: "a")
    private static let stranger = HeldFailures.Subject.stranger(7)

    private static func unchanged(_ subject: HeldFailures.Subject, _ peer: Peer?) -> PeerState? { nil }

    private static func gone(_ subject: HeldFailures.Subject, _ peer: Peer?) -> PeerState? { .gone }

    @Test func whoIsGoneAtTheFirstLookIsExcluded() throws {
        var held = HeldFailures()
        let question = try held.ask(Self.failure(1, at: 10), of: Self.a)
        #expect(held.holds(slot: 1) && !held.holds(slot: 2))
        // More of the same node wait with it, and ask nothing.
        #expect(held.hold(Self.failure(2, at: 11), of: Self.a, Self.peer) == nil)
        var asked: [Peer?] = []
        let decision = held.answered(question, isConfirmed: true) { _, peer in
            asked.append(peer)
            return .draining
        }
        #expect(
            decision
                == Decision(failures: [Self.failure(1, at: 10), Self.failure(2, at: 11)], excluded: .draining))
        #expect(asked == [Self.peer])
        #expect(held.isEmpty)
        #expect(held.answered(question, isConfirmed: true, fate: Self.gone) == nil)
    }

    @Test(arguments: [true, false]) func whoIsUnchangedIsLookedUpAgainSixSecondsLater(isGone: Bool) throws {
        var held = HeldFailures()
        let first = try held.ask(Self.failure(1, at: 10), of: Self.a)
        #expect(held.nextLook == .never)
        #expect(held.answered(first, isConfirmed: true, fate: Self.unchanged) == nil)
        #expect(held.nextLook == Self.at(16))
        #expect(held.hold(Self.failure(1, at: 14), of: Self.a, Self.peer) == nil)
        #expect(held.questions(at: Self.at(15)) == [])
        let second = try held.askAgain(at: Self.at(16))
        #expect(second != first)
        #expect(held.questions(at: Self.at(17)) == [])
        #expect(held.nextLook == .never)
        // A late answer to the first question decides nothing.
        #expect(held.answered(first, isConfirmed: false, fate: Self.unchanged) == nil)
        let decision = held.answered(second, isConfirmed: true, fate: isGone ? Self.gone : Self.unchanged)
        let failures = [Self.failure(1, at: 10), Self.failure(1, at: 14)]
        #expect(decision == Decision(failures: failures, excluded: isGone ? .gone : nil))
        #expect(held.isEmpty)
    }

    @Test func withoutAnAnswerTheyCount() throws {
        var held = HeldFailures()
        let first = try held.ask(Self.failure(1, at: 10), of: Self.a)
        // What the old topology says is no answer.
        let decision = held.answered(first, isConfirmed: false, fate: Self.gone)
        #expect(decision == Decision(failures: [Self.failure(1, at: 10)], excluded: nil))
        let again = try held.ask(Self.failure(1, at: 20), of: Self.a)
        _ = held.answered(again, isConfirmed: true, fate: Self.unchanged)
        let second = try held.askAgain(at: Self.at(26))
        let last = held.answered(second, isConfirmed: false, fate: Self.gone)
        #expect(last == Decision(failures: [Self.failure(1, at: 20)], excluded: nil))
        #expect(held.isEmpty)
    }

    @Test func aNewTopologyDecidesAtOnce() throws {
        var held = HeldFailures()
        let question = try held.ask(Self.failure(1, at: 10), of: Self.a)
        _ = held.hold(Self.failure(2, at: 10), of: .peer(node: "b"), Self.peer)
        let decisions = held.reviewed { subject, _ in subject == Self.a ? .gone : nil }
        #expect(decisions == [Decision(failures: [Self.failure(1, at: 10)], excluded: .gone)])
        #expect(held.answered(question, isConfirmed: true, fate: Self.unchanged) == nil)
        #expect(held.holds(slot: 2))
        // The same peer's next failure is another question.
        #expect(held.hold(Self.failure(1, at: 11), of: Self.a, Self.peer) != question)
    }

    @Test func aSuccessRefutesWhatFailedBeforeItBegan() throws {
        var held = HeldFailures()
        for (slot, time) in [(1, 10), (2, 11), (2, 13)] {
            _ = held.hold(Self.failure(slot, at: Int64(time)), of: Self.a, Self.peer)
        }
        _ = held.hold(Self.failure(3, at: 10), of: .peer(node: "b"), Self.peer)
        // It was under way when they failed.
        #expect(held.take(slot: 1, of: "a", before: Self.at(9)) == [])
        #expect(held.take(slot: 1, of: nil, before: Self.at(12)) == [Self.failure(1, at: 10)])
        // The peer's own answer speaks for all of its targets.
        #expect(held.take(slot: 9, of: "a", before: Self.at(12)) == [Self.failure(2, at: 11)])
        #expect(held.holds(slot: 2) && held.holds(slot: 3))
        let rest = held.takeAll()
        #expect(rest.count == 2)
        #expect(held.isEmpty)
    }

    @Test func anotherBackendsAnswerSaysNothingOfAStranger() throws {
        var held = HeldFailures()
        let question = try held.ask(Self.failure(1, at: 10), of: Self.stranger)
        #expect(held.answered(question, isConfirmed: true, fate: Self.unchanged) == nil)
        #expect(held.take(slot: 1, of: nil, before: Self.at(12)) == [])
        #expect(held.take(slot: 1, of: "a", before: Self.at(12)) == [])
        #expect(held.nextLook == Self.at(16))
    }

    @Test func removedSlotsGiveBackAllTheirs() {
        var held = HeldFailures()
        _ = held.hold(Self.failure(1, at: 10), of: Self.a, Self.peer)
        _ = held.hold(Self.failure(1, at: 11), of: Self.stranger, nil)
        _ = held.hold(Self.failure(2, at: 11), of: Self.stranger, nil)
        let taken = held.take(slots: [1, 5])
        #expect(taken.count == 2)
        #expect(!held.holds(slot: 1) && held.holds(slot: 2))
    }

    @Test func aStrangerThatTheAPIDoesNotKnowIsAskedForOnce() throws {
        var held = HeldFailures()
        let first = try held.ask(Self.failure(1, at: 10), of: Self.stranger)
        _ = held.answered(first, isConfirmed: true, fate: Self.unchanged)
        #expect(!held.isForeign(Self.stranger))
        let second = try held.askAgain(at: Self.at(16))
        let decision = held.answered(second, isConfirmed: true, fate: Self.unchanged)
        #expect(decision == Decision(failures: [Self.failure(1, at: 10)], excluded: nil))
        #expect(held.isForeign(Self.stranger) && !held.isForeign(Self.a) && !held.isForeign(.stranger(8)))
        _ = held.reviewed(fate: Self.unchanged)
        #expect(!held.isForeign(Self.stranger))
    }

    @Test func aStrangerOfWhomNobodyCanTellIsAskedForAgain() throws {
        var held = HeldFailures()
        let first = try held.ask(Self.failure(1, at: 10), of: Self.stranger)
        #expect(held.answered(first, isConfirmed: false, fate: Self.unchanged) != nil)
        #expect(!held.isForeign(Self.stranger))
    }
}

extension HeldFailures {
    fileprivate mutating func ask(_ failure: HeldFailure, of subject: Subject) throws -> Question {
        let question = hold(failure, of: subject, subject == .peer(node: "a") ? HeldFailuresTests.peer : nil)
        return try #require(question)
    }

    fileprivate mutating func askAgain(at now: Instant) throws -> Question {
        let questions = questions(at: now)
        return try #require(questions.first)
    }
}
