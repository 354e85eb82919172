import Foundation
import Glibc
import Reactor
import Testing

struct SignalsTests {
    @Test func signalsAreEventsOnTheLoop() throws {
        let seen = try onThreadOfItsOwn {
            let loop = try EventLoop()
            var seen: [Int32] = []
            let signals = try Signals([SIGUSR1, SIGWINCH], on: loop) { seen.append($0) }
            defer { withExtendedLifetime(signals) {} }
            // To this thread alone, for which they are blocked now; SIGUSR1 would end the process otherwise.
            pthread_kill(pthread_self(), SIGUSR1)
            guard loop.turn(while: { seen.isEmpty }) else { return seen }
            // Two at once are two events; a third that is the same as one of them is none (signal(7)).
            pthread_kill(pthread_self(), SIGWINCH)
            pthread_kill(pthread_self(), SIGUSR1)
            pthread_kill(pthread_self(), SIGUSR1)
            guard loop.turn(while: { seen.count < 3 }) else { return seen }
            loop.turn(until: .now() + .milliseconds(1))
            return seen
        }
        #expect(seen.first == SIGUSR1)
        #expect(seen.dropFirst().sorted() == [SIGUSR1, SIGWINCH])
    }

    @Test func whatComesEarlyIsKept() throws {
        let seen = try onThreadOfItsOwn {
            Signals.hold([SIGUSR1])
            pthread_kill(pthread_self(), SIGUSR1)
            let loop = try EventLoop()
            var seen: [Int32] = []
            let signals = try Signals([SIGUSR1], on: loop) { seen.append($0) }
            defer { withExtendedLifetime(signals) {} }
            _ = loop.turn(while: { seen.isEmpty })
            return seen
        }
        #expect(seen == [SIGUSR1])
    }

    /// A signal with a handler, of which the loop knows nothing: epoll_wait(2) ends with EINTR.
    @Test func aTurnOutlivesOtherSignals() throws {
        signal(SIGUSR2) { _ in }
        let turns = try onThreadOfItsOwn {
            let target = pthread_self()
            let (stop, stopped) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            Thread {
                while stop.wait(timeout: .now() + .milliseconds(1)) == .timedOut { pthread_kill(target, SIGUSR2) }
                stopped.signal()
            }.start()
            defer {
                stop.signal()
                stopped.wait()
            }
            let loop = try EventLoop()
            let deadline = Instant.now() + .seconds(60)
            var turns = 0
            // Without a signal a turn would last until the deadline.
            while turns < 3, Instant.now() < deadline {
                loop.turn(until: deadline)
                turns += 1
            }
            return turns
        }
        #expect(turns == 3)
    }

    @Test func aBrokenPipeIsAnError() async {
        await #expect(processExitsWith: .success) {
            // What a process ignores, its children ignore.
            signal(SIGPIPE, SIG_DFL)
            Signals.ignoreBrokenPipes()
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0, close(ends[0]) == 0 else { exit(2) }
            exit(write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1)
        }
    }
}
