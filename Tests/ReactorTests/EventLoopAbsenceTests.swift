import Glibc
import Reactor
import Support
import Testing

/// A loop that was away, and what it says of that.
struct EventLoopAbsenceTests {
    private static func work(_ duration: Duration) {
        let end = Instant.now() + duration
        while Instant.now() < end {}
    }

    @Test func aHandlerThatTakesLong() throws {
        let loop = try EventLoop()
        let event = Event(isReadable: true)
        let handler = Handler()
        var withinTheTurn = false
        let start = Instant.now()
        handler.action = { _ in
            event.clear()
            Self.work(.milliseconds(80))
            withinTheTurn = loop.wasAway(since: start)
        }
        loop.watch(event.number, for: .readable, handler: handler)
        loop.turn()
        #expect(withinTheTurn)
        loop.turn(until: .now())
        #expect(loop.absences(since: start).total >= .milliseconds(80))
        #expect(loop.absences(since: start).longest <= Instant.now() - start)
        #expect(loop.absences(since: .now()).isEmpty)
    }

    @Test func aLoopThatIsNotTurned() throws {
        let loop = try EventLoop()
        loop.turn(until: .now())
        let start = Instant.now()
        Self.work(.milliseconds(80))
        loop.turn(until: .now())
        #expect(loop.wasAway(since: start))
        #expect(loop.absences(since: start).total >= .milliseconds(80))
    }

    /// To sleep is not to be away.
    @Test func aLoopThatWaits() throws {
        let loop = try EventLoop()
        // A busy machine lets the loop wait for its turn once in a while; not each time.
        let wasThere = (0..<20).contains { _ in
            let start = Instant.now()
            loop.turn(until: start + .milliseconds(120))
            return !loop.wasAway(since: start) && loop.absences(since: start).isEmpty
        }
        #expect(wasThere)
    }

    /// It is stopped while it sleeps, and no alarm is due before it is continued: nothing is late.
    @Test func aProcessThatWasStopped() async {
        await #expect(processExitsWith: .success) {
            let loop = try EventLoop()
            let process = getpid()
            let start = Instant.now()
            let stopping = try Running(
                "sh", ["-c", "kill -STOP \(process) && sleep 0.3; kill -CONT \(process)"])
            // Without that, a turn would last until the end.
            while loop.absences(since: start).total < .milliseconds(250) {
                if Instant.now() - start > .seconds(20) { exit(2) }
                loop.turn(until: start + .seconds(30))
            }
            exit(stopping.waitForExit() == .code(0) ? 0 : 3)
        }
    }

    /// More has come than fits into a batch: a deadline does not count before all of it was looked at.
    @Test func alarmsWaitForAllThatHasCome() throws {
        let loop = try EventLoop()
        let events = (0..<400).map { _ in Event(isReadable: true) }
        let handler = Handler()
        var seen: Int?
        let alarm = loop.alarm { seen = handler.calls.count }
        let byNumber = Dictionary(uniqueKeysWithValues: events.map { ($0.number, $0) })
        handler.action = { byNumber[$0]?.clear() }
        for event in events { loop.watch(event.number, for: .readable, handler: handler) }
        alarm.deadline = .now()
        loop.turn()
        #expect(seen == 400)
    }
}
