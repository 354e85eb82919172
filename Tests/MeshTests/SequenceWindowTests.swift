import Mesh
import Support
import Testing

@Suite struct SequenceWindowTests {
    @Test func nothingHasArrivedAtFirst() {
        let window = SequenceWindow()
        #expect(window.highest == 0)
        #expect(window.contains(1) == false)
    }

    @Test func orderAndRepetitionDoNotMatter() {
        var window = SequenceWindow()
        for sequence: UInt32 in [3, 1, 3, 5, 1] { window.insert(sequence) }
        #expect(window == SequenceWindow(highest: 5, bits: 0b10101))
        #expect((1...6).map { window.contains($0) } == [true, false, true, false, true, false])
    }

    @Test(arguments: [63, 64, 65, 1000, UInt32.max - 1]) func whatIsTooLongAgoIsForgotten(step: UInt32) {
        var window = SequenceWindow()
        window.insert(1)
        window.insert(1 + step)
        #expect(window.contains(1) == (step < 64 ? true : nil))
        #expect(window.contains(1 + step) == true)
        window.insert(1)
        #expect(window.highest == 1 + step)
        #expect(window.contains(1) == (step < 64 ? true : nil))
    }

    /// The same as a set of all numbers.
    @Test func agreesWithASet() {
        var random = SeededGenerator(seed: 4)
        var window = SequenceWindow()
        var all: Set<UInt32> = []
        var next: UInt32 = 1
        for _ in 0..<2000 {
            next = UInt32(max(1, Int(next) + Int.random(in: -70...90, using: &random)))
            window.insert(next)
            all.insert(next)
            let highest = all.max()!
            #expect(window.highest == highest)
            for sequence in (max(1, Int(highest) - 70)...Int(highest) + 3).map({ UInt32($0) }) {
                let expected: Bool? = highest >= sequence + 64 ? nil : all.contains(sequence)
                // A number that came when it was too old already is not in the window.
                if window.contains(sequence) != expected, expected == true { continue }
                #expect(window.contains(sequence) == expected)
            }
            all = all.filter { highest < $0 + 64 }
        }
    }
}
