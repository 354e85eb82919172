import Testing

@testable import Reactor

struct AbsencesTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    private func absences(_ spans: (Int64, Int64)...) -> Absences {
        var absences = Absences()
        for (start, end) in spans { absences.add(from: at(start), to: at(end)) }
        return absences
    }

    @Test func aMomentIsNone() {
        var absences = Absences()
        let wasNoted = absences.add(from: at(100), to: at(150))
        #expect(!wasNoted)
        #expect(!absences.isAny(since: at(0)))
        #expect(absences.sum(since: at(0)).isEmpty)
        let isNoted = absences.add(from: at(200), to: at(251))
        #expect(isNoted)
        #expect(absences.isAny(since: at(0)))
    }

    @Test func whatIsOverIsNotOfALaterLife() {
        let absences = absences((100, 200), (300, 700), (800, 1000))
        #expect(absences.sum(since: at(0)) == .init(total: .milliseconds(700), longest: .milliseconds(400)))
        #expect(absences.sum(since: at(250)) == .init(total: .milliseconds(600), longest: .milliseconds(400)))
        #expect(absences.sum(since: at(600)) == .init(total: .milliseconds(300), longest: .milliseconds(200)))
        #expect(absences.sum(since: at(1000)).isEmpty)
        #expect(absences.isAny(since: at(999)))
        #expect(!absences.isAny(since: at(1000)))
    }

    @Test func theirNumberIsBounded() {
        var absences = Absences()
        for index in 0..<Int64(1000) { absences.add(from: at(index * 100), to: at(index * 100 + 60)) }
        #expect(absences.count == Absences.limit)
        #expect(absences.sum(since: at(99_000)) == .init(total: .milliseconds(600), longest: .milliseconds(60)))
        // A very old one is given too much, and never too little.
        #expect(absences.sum(since: at(0)).total >= .milliseconds(60_000))
    }
}
