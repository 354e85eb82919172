import CLinux
import Glibc
import Reactor
import Testing

struct EventLoopDescriptorTests {
    @Test func readinessIsToldAsLongAsItLasts() throws {
        let loop = try EventLoop()
        let event = Event()
        let handler = Handler()
        loop.watch(event.number, for: .readable, handler: handler)
        loop.turn(until: .now() + .milliseconds(1))
        #expect(handler.calls.isEmpty)
        event.signal()
        for _ in 0..<2 { loop.turn() }
        #expect(handler.calls.map(\.descriptor) == [event.number, event.number])
        #expect(handler.calls.allSatisfy { $0.readiness == .readable })
        event.clear()
        loop.turn(until: .now() + .milliseconds(1))
        #expect(handler.calls.count == 2)
    }

    @Test func whatIsWatchedForCanChange() throws {
        let loop = try EventLoop()
        let event = Event()
        let (first, second) = (Handler(), Handler())
        loop.watch(event.number, for: .readable, handler: first)
        loop.watch(event.number, for: .writable, handler: second)
        loop.turn()
        #expect(second.calls.map(\.readiness) == [.writable])
        event.signal()
        loop.watch(event.number, for: [.readable, .writable], handler: second)
        loop.turn()
        #expect(second.calls.last?.readiness == [.readable, .writable])
        #expect(first.calls.isEmpty)
    }

    @Test func theOtherSideHangsUp() throws {
        let loop = try EventLoop()
        var ends: [Int32] = [-1, -1]
        try systemCall("socketpair") {
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        }
        defer { close(ends[0]) }
        let handler = Handler()
        loop.watch(ends[0], for: .readable, handler: handler)
        close(ends[1])
        #expect(loop.turn(while: { handler.calls.last?.readiness.contains(.hungUp) != true }))
    }

    @Test func whatIsForgottenIsQuiet() throws {
        let loop = try EventLoop()
        let event = Event(isReadable: true)
        let handler = Handler()
        loop.watch(event.number, for: .readable, handler: handler)
        loop.forget(event.number)
        // The first turn meets the event and takes it from epoll; the second sleeps.
        loop.turn(until: .now() + .milliseconds(2))
        let limit = Instant.now() + .milliseconds(2)
        loop.turn(until: limit)
        #expect(Instant.now() >= limit)
        #expect(handler.calls.isEmpty)
        // Known to epoll no more: watched anew.
        loop.watch(event.number, for: .readable, handler: handler)
        loop.turn()
        #expect(handler.calls.count == 1)
    }

    /// epoll knows it still (EEXIST): forgotten lazily, and not closed.
    @Test func whatIsForgottenCanBeWatchedAgain() throws {
        let loop = try EventLoop()
        let event = Event()
        let (first, second) = (Handler(), Handler())
        loop.watch(event.number, for: .writable, handler: first)
        loop.forget(event.number)
        loop.watch(event.number, for: .readable, handler: second)
        loop.turn(until: .now() + .milliseconds(1))
        #expect(second.calls.isEmpty)
        event.signal()
        loop.turn()
        #expect(second.calls.count == 1)
        #expect(first.calls.isEmpty)
    }

    @Test func forgettingWhatIsNotWatchedIsNothing() throws {
        let loop = try EventLoop()
        loop.forget(100_000)
        let event = Event(isReadable: true)
        loop.forget(event.number)
        let handler = Handler()
        loop.watch(event.number, for: .readable, handler: handler)
        loop.turn()
        #expect(handler.calls.count == 1)
    }

    @Test func theLoopKeepsTheHandlerUntilItIsForgotten() throws {
        let loop = try EventLoop()
        let event = Event()
        weak var seen: Handler?
        do {
            let handler = Handler()
            seen = handler
            loop.watch(event.number, for: .readable, handler: handler)
        }
        #expect(seen != nil)
        loop.forget(event.number)
        #expect(seen == nil)
    }

    /// Two descriptors are ready in one batch. Who is told first closes the other one, whose number goes to a third: the
    /// event that is still in the batch is not the third one's.
    @Test func anEventOfAClosedDescriptorIsDropped() throws {
        for closesFirst in [false, true] {
            let loop = try EventLoop()
            let events = (0..<2).map { _ in Event(isReadable: true) }
            let third = Event()
            let (handler, late) = (Handler(), Handler())
            handler.action = { descriptor in
                let other = events[0].number == descriptor ? events[1].number : events[0].number
                loop.forget(descriptor)
                loop.forget(other)
                // Closes the number and gives it to the third one in a single step: no other thread can have it.
                if closesFirst { dup2(third.number, other) }
                loop.watch(other, for: closesFirst ? .readable : .writable, handler: late)
                if !closesFirst { loop.forget(other) }
            }
            for event in events { loop.watch(event.number, for: .readable, handler: handler) }
            loop.turn()
            #expect(handler.calls.count == 1)
            loop.turn(until: .now() + .milliseconds(1))
            #expect(late.calls.isEmpty)
            guard closesFirst else { continue }
            third.signal()
            #expect(loop.turn(while: { late.calls.isEmpty }))
            #expect(handler.calls.count == 1)
        }
    }

    @Test func aBatchIsNotTheEnd() throws {
        let loop = try EventLoop()
        let handler = Handler()
        let events = (0..<300).map { _ in Event(isReadable: true) }
        for event in events { loop.watch(event.number, for: .readable, handler: handler) }
        // epoll_wait(2) gives 256 at once, and each of the others in its turn.
        for _ in 0..<2 { loop.turn() }
        #expect(Set(handler.calls.map(\.descriptor)) == Set(events.map(\.number)))
    }
}
