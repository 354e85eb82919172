import Reactor
import Testing

@testable import Discovery

struct ConfirmationsTests {
    private var confirmations = Confirmations(patience: .seconds(2), perMinute: 3)
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    private mutating func ask(at seconds: Int, isPossible: Bool = true) {
        confirmations.add({ _ in }, at: start + .seconds(seconds), isPossible: isPossible)
    }

    @Test mutating func aLookThatBeganBeforeAnswersNothing() {
        confirmations.begin()
        #expect(!confirmations.wantsLook && confirmations.deadline == .never)
        ask(at: 0)
        #expect(confirmations.wantsLook && confirmations.deadline == start + .seconds(2))
        #expect(confirmations.takeAnswered().isEmpty)
        confirmations.begin()
        ask(at: 1)
        #expect(confirmations.takeAnswered().count == 1)
        #expect(confirmations.wantsLook && confirmations.deadline == start + .seconds(3))
        confirmations.begin()
        #expect(confirmations.takeAnswered().count == 1)
        #expect(!confirmations.wantsLook && confirmations.deadline == .never)
    }

    @Test mutating func whoWaitsTooLongIsTakenAlone() {
        ask(at: 0)
        ask(at: 1)
        #expect(confirmations.takeOverdue(at: start + .milliseconds(1999)).isEmpty)
        #expect(confirmations.takeOverdue(at: start + .seconds(2)).count == 1)
        #expect(confirmations.deadline == start + .seconds(3))
        #expect(confirmations.takeAll().count == 1)
        #expect(confirmations.deadline == .never)
    }

    @Test mutating func theImpossibleIsOverAtOnceAndAsksForNothing() {
        ask(at: 0, isPossible: false)
        #expect(!confirmations.wantsLook && confirmations.deadline == start)
        confirmations.begin()
        #expect(confirmations.takeAnswered().isEmpty)
        #expect(confirmations.takeOverdue(at: start).count == 1)
    }

    /// Those who share a look cost one; the minute is any, not the clock's.
    @Test mutating func theBudgetIsInLooks() {
        for second in 0..<3 {
            for _ in 0..<5 { ask(at: second * 10) }
            confirmations.begin()
            #expect(confirmations.takeAnswered().count == 5)
        }
        ask(at: 59)
        #expect(!confirmations.wantsLook)
        #expect(confirmations.takeOverdue(at: start + .seconds(59)).count == 1)
        ask(at: 60)
        #expect(confirmations.wantsLook)
        confirmations.begin()
        _ = confirmations.takeAnswered()
        ask(at: 69)
        #expect(!confirmations.wantsLook)
        ask(at: 70)
        #expect(confirmations.wantsLook)
    }
}
