internal import CLinux
internal import Glibc

/// What a descriptor waits for, and what it is ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    package static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    package static let failed = Readiness(rawValue: EPOLLERR.rawValue)
    package static let hungUp = Readiness(rawValue: EPOLLHUP.rawValue)
}

/// Is told when a descriptor that it watches is ready. Level triggered.
package protocol ReadinessHandler: AnyObject {
    func ready(_ descriptor: Int32, for readiness: Readiness)
}

/// The one loop of the one thread: descriptors that are ready, alarms that are due.
///
/// Not `Sendable`: everything on it is called from the thread that calls `run`.
package final class EventLoop {
    private struct Entry {
        /// Grows each time that the descriptor's number is watched anew; an event carries the generation that it was
        /// asked for, so that one for a descriptor closed earlier in the same batch is dropped.
        var generation: UInt32 = 0
        /// What epoll is told to watch the number for; nil: epoll may still know it, but nobody wants its events.
        var handler: (any ReadinessHandler)?
    }

    private static let batch = 256
    /// How often a turn looks again, at most, before it fires what is due.
    private static let looksAgain = 3

    private let epoll: Descriptor
    private var entries: [Entry] = []
    private var alarms: [Alarm] = []
    private let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: EventLoop.batch)
    private var stopping = false

    /// The time at which the events or alarms now being handled were taken up.
    package private(set) var now: Instant
    /// Until `now`.
    private var absences = Absences()

    package init() throws(SystemError) {
        let number = try systemCall("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        epoll = Descriptor(owning: number)
        now = .now()
    }

    deinit {
        events.deallocate()
    }

    // MARK: Descriptors

    /// Watches a descriptor, or changes what it is watched for. The loop keeps the handler until `forget`.
    package func watch(_ descriptor: Int32, for readiness: Readiness, handler: any ReadinessHandler) {
        let index = Int(descriptor)
        while entries.count <= index { entries.append(Entry()) }
        var operation = EPOLL_CTL_MOD
        if entries[index].handler == nil {
            entries[index].generation &+= 1
            operation = EPOLL_CTL_ADD
        }
        entries[index].handler = handler
        var event = epoll_event()
        event.events = readiness.rawValue
        event.data.u64 = UInt64(entries[index].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        var result = epoll_ctl(epoll.number, operation, descriptor, &event)
        if result == -1, operation == EPOLL_CTL_ADD, errno == EEXIST {
            // Forgotten lazily and not closed: epoll knows it still.
            result = epoll_ctl(epoll.number, EPOLL_CTL_MOD, descriptor, &event)
        }
        precondition(result == 0, "epoll_ctl on \(descriptor): \(systemErrorText(errno))")
    }

    /// Drops a descriptor's events from now on.
    ///
    /// epoll itself is told only if another event comes: a descriptor is nearly always closed right after it is
    /// forgotten, the kernel then drops it unasked, and each probe saves a system call.
    package func forget(_ descriptor: Int32) {
        let index = Int(descriptor)
        if index < entries.count { entries[index].handler = nil }
    }

    // MARK: Alarms

    /// An alarm that calls `action` when its deadline is reached; set off until a deadline is given.
    ///
    /// The loop holds alarms in a short list that it walks on each turn: for a handful of long-lived owners, each with a
    /// queue of its own where it needs one. It is not a timer for each probe.
    package func alarm(_ action: @escaping () -> Void) -> Alarm {
        let alarm = Alarm(action)
        alarms.append(alarm)
        return alarm
    }

    package func remove(_ alarm: Alarm) {
        // The round that is under way walks over a copy of the list.
        alarm.cancel()
        alarms.removeAll { $0 === alarm }
    }

    // MARK: Absences

    /// Whether the loop was away since then, or is now: what it handles may have waited for it.
    package func wasAway(since start: Instant) -> Bool {
        absences.isAny(since: start) || .now() - now > Absences.threshold
    }

    /// For how long the loop was away since then.
    ///
    /// It is not seen when it wakes up late for an event while no alarm is due; that ends at the next alarm.
    package func absences(since start: Instant) -> Absences.Sum {
        var all = absences
        all.add(from: now, to: .now())
        return all.sum(since: start)
    }

    // MARK: Running

    /// Runs until `stop`.
    package func run() {
        stopping = false
        while !stopping { turn() }
    }

    package func stop() {
        stopping = true
    }

    /// One turn: waits for an event or the next alarm, at most until `limit`, and handles what there is.
    ///
    /// Events are handled before alarms, and when the loop was away it looks again first: what came while it was away came
    /// in time, and an alarm that fell due meanwhile must not say that nothing came. A process that has used up its share
    /// of the CPU waits on its way out of epoll_wait(2), with a list of events that grows old.
    package func turn(until limit: Instant = .never) {
        var sawAll = look(until: limit)
        for _ in 0..<EventLoop.looksAgain where !sawAll { sawAll = look(until: now) }
        fireDueAlarms()
    }

    /// Waits for events, and handles them.
    ///
    /// - Returns: Whether these were all that had come by `now`.
    private func look(until limit: Instant) -> Bool {
        let start = Instant.now()
        // The time that the last handlers took.
        absences.add(from: now, to: start)
        now = start
        let timeout = timeout(until: limit)
        let count = epoll_wait(epoll.number, events, Int32(EventLoop.batch), timeout)
        now = .now()
        if count == -1 {
            let number = errno
            precondition(number == EINTR, "epoll_wait: \(systemErrorText(number))")
            // Signals come by a descriptor, if at all. So the process was stopped and continued (signal(7)); nobody says for
            // how long.
            absences.add(from: start, to: now)
            return false
        }
        let wasAway = timeout >= 0 && absences.add(from: start + .milliseconds(timeout), to: now)
        for index in 0..<Int(count) { dispatch(events[index]) }
        return !wasAway && count < EventLoop.batch
    }

    private func dispatch(_ event: epoll_event) {
        let descriptor = Int32(truncatingIfNeeded: event.data.u64)
        let entry = entries[Int(descriptor)]
        guard entry.generation == UInt32(truncatingIfNeeded: event.data.u64 >> 32) else { return }
        guard let handler = entry.handler else {
            epoll_ctl(epoll.number, EPOLL_CTL_DEL, descriptor, nil)
            return
        }
        handler.ready(descriptor, for: Readiness(rawValue: event.events))
    }

    /// Fires what is due at `now`, and what that sets to be due at once: a probe that starts makes libcurl ask for a
    /// time-out of zero, and a second pass saves an empty epoll_wait. Never more than two passes, so that
    /// an alarm that always sets itself again does not starve the descriptors.
    private func fireDueAlarms() {
        for _ in 0..<2 {
            var fired = false
            for alarm in alarms where alarm.deadline <= now {
                alarm.deadline = .never
                alarm.action()
                fired = true
            }
            if !fired { return }
        }
    }

    /// Milliseconds to wait, rounded up; -1 waits without end.
    private func timeout(until limit: Instant) -> Int32 {
        var next = limit
        for alarm in alarms where alarm.deadline < next { next = alarm.deadline }
        if next == .never { return -1 }
        return next <= now ? 0 : Int32(clamping: (next - now).millisecondsRoundedUp)
    }
}

/// A deadline with an action, made by `EventLoop.alarm`.
package final class Alarm {
    /// Each turn looks at those of all alarms, several times: Swift's check for overlapping accesses, of which a number can
    /// have none here, would be a twentieth of what a probe costs outside of the kernel.
    @exclusivity(unchecked) package var deadline = Instant.never
    fileprivate let action: () -> Void

    fileprivate init(_ action: @escaping () -> Void) {
        self.action = action
    }

    package func cancel() {
        deadline = .never
    }
}
