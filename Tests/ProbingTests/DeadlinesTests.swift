import Reactor
import Support
import Testing

@testable import Probing

struct DeadlinesTests {
    @Test func theEarliestIsFirst() {
        var deadlines = Deadlines()
        #expect(deadlines.first == nil)
        for (number, time) in [(0, 30), (7, 10), (3, 20)] as [(Int, Int64)] {
            deadlines.set(number, to: Instant(nanoseconds: time))
        }
        #expect(deadlines.first! == (7, Instant(nanoseconds: 10)))
        deadlines.set(7, to: Instant(nanoseconds: 40))
        #expect(deadlines.first! == (3, Instant(nanoseconds: 20)))
        deadlines.set(0, to: Instant(nanoseconds: 5))
        #expect(deadlines.first! == (0, Instant(nanoseconds: 5)))
        deadlines.remove(0)
        deadlines.remove(0)
        deadlines.remove(1000)
        #expect(deadlines.count == 2)
    }

    @Test(arguments: UInt64(0)..<20)
    func aNaiveModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var deadlines = Deadlines()
        var model: [Int: Instant] = [:]
        for _ in 0..<2000 {
            let number = Int.random(in: 0..<64, using: &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                deadlines.remove(number)
                model[number] = nil
            } else {
                let deadline = Instant(nanoseconds: .random(in: 0..<100, using: &random))
                deadlines.set(number, to: deadline)
                model[number] = deadline
            }
            #expect(deadlines.count == model.count)
            #expect(deadlines.first?.deadline == model.values.min())
            if let (number, deadline) = deadlines.first { #expect(model[number] == deadline) }
        }
        while let (number, deadline) = deadlines.first {
            #expect(deadline == model.values.min())
            deadlines.remove(number)
            model[number] = nil
        }
        #expect(model.isEmpty)
    }
}
