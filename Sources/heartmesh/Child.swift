internal import Glibc
internal import Reactor

/// A process that this one started and that ends with it.
final class Child {
    private let pid: pid_t
    private var isOver = false

    /// - Parameter output: The path of a file for what it prints.
    init(_ program: String, _ arguments: [String], output: String) throws(SystemError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that the terminal's Ctrl-C comes to the parent alone, which ends the children in order;
        // and no signal blocked, though the parent's loop blocks those that it reads.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in argv { free(pointer) } }
        var pid: pid_t = 0
        let number = posix_spawnp(&pid, program, &actions, &attributes, &argv, environ)
        guard number == 0 else { throw SystemError("start \(program)", errno: number) }
        self.pid = pid
    }

    func send(_ signal: Int32) {
        if !isOver { kill(pid, signal) }
    }

    /// Whether it has ended, by itself or by a signal.
    func hasEnded() -> Bool {
        if !isOver {
            var status: Int32 = 0
            isOver = waitpid(pid, &status, WNOHANG) == pid
        }
        return isOver
    }

    /// Ends it for good.
    func end() {
        send(SIGKILL)
        wait()
    }

    func wait() {
        if isOver { return }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        isOver = true
    }
}
