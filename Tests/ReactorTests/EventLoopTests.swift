import Glibc
import Reactor
import Testing

/// Alarms and turns; descriptors are in EventLoopDescriptorTests.
struct EventLoopTests {
    @Test func alarmsFireAtTheirDeadlines() throws {
        let loop = try EventLoop()
        var fired: [(number: Int, time: Instant)] = []
        let alarms = (0..<3).map { number in loop.alarm { fired.append((number, loop.now)) } }
        let never = loop.alarm { fired.append((9, loop.now)) }
        #expect(never.deadline == .never)
        let start = Instant.now()
        let deadlines = [12, 3, 7].map { start + .milliseconds($0) }
        for (alarm, deadline) in zip(alarms, deadlines) { alarm.deadline = deadline }
        #expect(loop.turn(while: { fired.count < 3 }))
        for (number, time) in fired { #expect(time >= deadlines[number]) }
        // Two that are due in the same turn, of a loop that is late, are not put in order.
        for (one, next) in zip(fired, fired.dropFirst()) where one.time != next.time {
            #expect(deadlines[one.number] < deadlines[next.number])
        }
        #expect(alarms.allSatisfy { $0.deadline == .never })
    }

    /// One that wakes too early fires nothing, and spins.
    @Test func aTurnLastsUntilTheAlarmAndNoShorter() throws {
        let loop = try EventLoop()
        var firedAt: Instant?
        let alarm = loop.alarm { firedAt = loop.now }
        for microseconds in stride(from: 1, through: 4001, by: 400) {
            firedAt = nil
            let deadline = Instant.now() + .microseconds(microseconds)
            alarm.deadline = deadline
            loop.turn(until: deadline + .milliseconds(10))
            let time = try #require(firedAt, "one turn is enough")
            #expect(time >= deadline)
        }
    }

    @Test func aTurnEndsAtItsLimit() throws {
        let loop = try EventLoop()
        var fired = 0
        let alarm = loop.alarm { fired += 1 }
        alarm.deadline = .now() + .seconds(3600)
        let limit = Instant.now() + .microseconds(2300)
        loop.turn(until: limit)
        #expect(Instant.now() >= limit)
        loop.turn(until: limit)
        loop.turn(until: Instant(nanoseconds: 0))
        #expect(fired == 0)
        alarm.cancel()
        #expect(alarm.deadline == .never)
    }

    @Test func anAlarmThatIsOverdueFiresOnce() throws {
        let loop = try EventLoop()
        var fired = 0
        let alarm = loop.alarm { fired += 1 }
        alarm.deadline = .now() + .seconds(-3600)
        loop.turn(until: .now())
        loop.turn(until: .now())
        #expect(fired == 1)
    }

    @Test func anAlarmSetFromWithinAnActionFires() throws {
        let loop = try EventLoop()
        var fired: [String] = []
        let second = loop.alarm { fired.append("second") }
        var alarm: Alarm!
        alarm = loop.alarm {
            fired.append("first")
            second.deadline = loop.now
            if fired.count < 3 { alarm.deadline = .now() + .milliseconds(1) }
        }
        alarm.deadline = .now()
        #expect(loop.turn(while: { fired.count < 4 }))
        #expect(fired == ["first", "second", "first", "second"])
    }

    @Test func anAlarmThatIsAlwaysDueStarvesNothing() throws {
        let loop = try EventLoop()
        let event = Event(isReadable: true)
        let handler = Handler()
        loop.watch(event.number, for: .readable, handler: handler)
        var fired = 0
        var alarm: Alarm!
        alarm = loop.alarm {
            fired += 1
            alarm.deadline = loop.now
        }
        alarm.deadline = .now()
        for _ in 0..<5 { loop.turn() }
        #expect(handler.calls.count == 5)
        #expect(fired >= 5)
    }

    @Test func anAlarmThatIsRemovedDoesNotFire() throws {
        let loop = try EventLoop()
        var fired: [Int] = []
        var alarms: [Alarm] = []
        // Both are due in the same round; the first to fire takes the other away.
        for number in 0..<2 {
            alarms.append(
                loop.alarm {
                    fired.append(number)
                    loop.remove(alarms[1 - number])
                })
        }
        let now = Instant.now()
        for alarm in alarms { alarm.deadline = now }
        loop.turn(until: now)
        loop.turn(until: now)
        #expect(fired == [0])
        // Set again, it is still not the loop's.
        alarms[1].deadline = now
        loop.turn(until: now)
        #expect(fired == [0])
    }

    @Test func itRunsUntilItIsStopped() throws {
        let loop = try EventLoop()
        var fired = 0
        var alarm: Alarm!
        alarm = loop.alarm {
            fired += 1
            if fired == 3 { loop.stop() } else { alarm.deadline = .now() + .microseconds(100) }
        }
        alarm.deadline = .now()
        loop.run()
        #expect(fired == 3)
        let event = Event(isReadable: true)
        let handler = Handler()
        handler.action = { _ in loop.stop() }
        loop.watch(event.number, for: .readable, handler: handler)
        loop.run()
        #expect(handler.calls.count == 1)
    }

    @Test func nowIsTheTimeOfTheTurn() throws {
        let loop = try EventLoop()
        let before = Instant.now()
        #expect(loop.now <= before)
        loop.turn(until: before)
        #expect(loop.now >= before)
        #expect(loop.now <= .now())
    }
}
