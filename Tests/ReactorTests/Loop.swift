import CLinux
import Foundation
import Glibc
import Reactor

extension EventLoop {
    /// Turns until the condition holds.
    ///
    /// - Returns: Whether it came to hold in time.
    func turn(within limit: Duration = .seconds(30), while condition: () -> Bool) -> Bool {
        let deadline = Instant.now() + limit
        while condition() {
            if Instant.now() >= deadline { return false }
            // Short, for conditions that another thread makes true.
            turn(until: min(deadline, .now() + .milliseconds(20)))
        }
        return true
    }
}

/// An eventfd(2): readable from `signal` on, always writable.
final class Event {
    let number: Int32

    init(isReadable: Bool = false) {
        number = eventfd(isReadable ? 1 : 0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(number >= 0, "eventfd")
    }

    deinit { close(number) }

    func signal() { eventfd_write(number, 1) }

    func clear() {
        var count: UInt64 = 0
        eventfd_read(number, &count)
    }
}

/// Counts what it is told, and does something about it.
final class Handler: ReadinessHandler {
    private(set) var calls: [(descriptor: Int32, readiness: Readiness)] = []
    var action: (Int32) -> Void = { _ in }

    func ready(_ descriptor: Int32, for readiness: Readiness) {
        calls.append((descriptor, readiness))
        action(descriptor)
    }
}

/// Runs it on a thread of its own, with no signal blocked: what it does about signals, no other test sees.
func onThreadOfItsOwn<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    nonisolated(unsafe) var result: Result<Value, any Error>?
    Thread {
        // A thread inherits what its maker blocks, and Dispatch's threads block nearly all.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        result = Result { try body() }
        done.signal()
    }.start()
    done.wait()
    return try result!.get()
}
