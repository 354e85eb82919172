internal import Foundation
internal import Glibc

/// A child process with the two threads that look after it: one waits for its end, one reads what it writes.
final class Child: @unchecked Sendable {
    private(set) var processID: Int32 = -1
    private let state = NSCondition()
    // Guarded by `state`.
    private(set) var output: [UInt8] = []
    private(set) var errorOutput: [UInt8] = []
    private(set) var exit: Running.Exit?
    private var isReaped = false
    private var isDrained = false

    func locked<Value>(_ body: () -> Value) -> Value {
        state.withLock(body)
    }

    init(_ path: String, _ arguments: [String], _ environment: [String]) throws(Running.NotStarted) {
        let out = Pipe()
        let errors = Pipe()
        let end = Pipe()
        let started = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var result: Int32 = 0
        // `setpriv` asks the kernel to kill the program when the thread that started it ends, so this very thread must
        // stay as long as the program does; a thread of Dispatch's pool would go when it is idle.
        Thread { [self] in
            result = spawn(path, arguments, environment, out.write, errors.write)
            out.closeWrite()
            errors.closeWrite()
            let isRunning = result == 0
            started.signal()
            if isRunning { waitForEnd(then: end) }
        }.start()
        started.wait()
        guard result == 0 else {
            for pipe in [out, errors, end] { pipe.close() }
            throw Running.NotStarted(description: "\(path): \(String(cString: strerror(result)))")
        }
        Thread { self.readOutput(out, errors, end) }.start()
    }

    func signal(_ number: Int32) {
        state.withLock { if !isReaped { _ = kill(processID, number) } }
    }

    /// Kills the child and what it has started, which is in its process group unless it left, and reaps it.
    ///
    /// Until then the child stays a zombie when it ends, so that its number is not given to another process and can be
    /// signalled without harm.
    func reap() {
        state.withLock {
            guard !isReaped else { return }
            _ = kill(-processID, SIGKILL)
            // In case that it has left its own group.
            _ = kill(processID, SIGKILL)
        }
        _ = waitForExit()
        state.withLock {
            guard !isReaped else { return }
            while waitpid(processID, nil, 0) < 0 && errno == EINTR {}
            isReaped = true
        }
    }

    func waitForExit() -> Running.Exit {
        state.lock()
        defer { state.unlock() }
        while true {
            if let exit { return exit }
            state.wait()
        }
    }

    private func spawn(
        _ path: String, _ arguments: [String], _ environment: [String], _ out: Int32, _ errors: Int32
    ) -> Int32 {
        var words = [path] + arguments
        if access("/usr/bin/setpriv", X_OK) == 0 { words = ["/usr/bin/setpriv", "--pdeathsig", "KILL"] + words }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        // Sockets of other tests that are not close-on-exec would stay open in the child.
        GNU.closeFrom(STDERR_FILENO + 1, in: &actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that this process blocks or ignores would be blocked or ignored in the child.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        return withCStrings(words) { argv in
            withCStrings(environment) { posix_spawn(&processID, words[0], &actions, &attributes, argv, $0) }
        }
    }

    private func waitForEnd(then end: Pipe) {
        var info = siginfo_t()
        while waitid(P_PID, id_t(processID), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        // The end of this pipe tells the reader to take what is left and go: a grandchild may hold the others open.
        end.closeWrite()
        state.lock()
        while !isDrained { state.wait() }
        let status = info._sifields._sigchld.si_status
        exit = info.si_code == CLD_EXITED ? .code(status) : .signal(status)
        state.broadcast()
        state.unlock()
    }

    private func readOutput(_ out: Pipe, _ errors: Pipe, _ end: Pipe) {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var open = [out, errors]
        var hasEnded = false
        while !open.isEmpty {
            var descriptors = (open + [end]).map { pollfd(fd: $0.read, events: Int16(POLLIN), revents: 0) }
            if poll(&descriptors, nfds_t(descriptors.count), hasEnded ? 0 : -1) < 0, errno == EINTR { continue }
            let hasInput = descriptors.dropLast().contains { $0.revents != 0 }
            if hasEnded, !hasInput { break }
            hasEnded = hasEnded || descriptors[open.count].revents != 0
            for (index, pipe) in open.enumerated().reversed() where descriptors[index].revents != 0 {
                let count = read(pipe.read, &chunk, chunk.count)
                if count > 0 {
                    state.withLock {
                        if pipe === out { output += chunk[..<count] } else { errorOutput += chunk[..<count] }
                    }
                } else if count == 0 || errno != EINTR {
                    open.remove(at: index)
                }
            }
        }
        for pipe in [out, errors, end] { pipe.close() }
        state.withLock { isDrained = true }
        state.broadcast()
    }
}
