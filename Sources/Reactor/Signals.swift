internal import CLinux
internal import Glibc

/// Signals as events on the loop, by signalfd(2): no handler that interrupts anything.
package final class Signals: ReadinessHandler {
    private let loop: EventLoop
    private let descriptor: Descriptor
    private let action: (Int32) -> Void

    /// Blocks the signals for this thread, so that only the loop sees them.
    ///
    /// - Parameter action: Called on the loop with each signal's number.
    package init(_ numbers: [Int32], on loop: EventLoop, action: @escaping (Int32) -> Void) throws(SystemError) {
        var set = Signals.block(numbers)
        let number = try systemCall("signalfd") {
            signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
        }
        descriptor = Descriptor(owning: number)
        self.loop = loop
        self.action = action
        loop.watch(number, for: .readable, handler: self)
    }

    package func ready(_ descriptor: Int32, for readiness: Readiness) {
        var information = signalfd_siginfo()
        while read(descriptor, &information, MemoryLayout<signalfd_siginfo>.size)
            == MemoryLayout<signalfd_siginfo>.size
        {
            action(Int32(information.ssi_signo))
        }
    }

    /// Keeps signals that come before there is a loop for it: otherwise SIGHUP would end the process.
    package static func hold(_ numbers: [Int32]) {
        _ = block(numbers)
    }

    private static func block(_ numbers: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        sigprocmask(SIG_BLOCK, &set, nil)
        return set
    }

    /// A peer that closes its end must be an error of one write, not the end of the process.
    package static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
