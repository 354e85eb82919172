internal import Foundation
internal import Glibc

/// A program that a test has started. It never outlives the test: it is killed when the last reference goes, and by the
/// kernel when the test process dies.
package final class Running: @unchecked Sendable {
    package enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    /// The program could not be started.
    package struct NotStarted: Error, CustomStringConvertible {
        package let description: String
    }

    package let program: String
    private let child: Child

    /// - Parameters:
    ///   - program: A path, or a name that is looked for in PATH.
    ///   - environment: Added to this process's own; it wins.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws(NotStarted) {
        guard let path = executablePath(program) else {
            throw NotStarted(description: "\(program) is not there, or not executable")
        }
        self.program = program
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        child = try Child(path, arguments, variables.map { "\($0)=\($1)" })
    }

    deinit { stop() }

    package var processID: Int32 { child.processID }

    /// What it has written to standard output so far.
    package var output: [UInt8] { child.locked { child.output } }
    package var outputText: String { String(decoding: output, as: UTF8.self) }
    /// What it has written to standard error so far.
    package var errorText: String { String(decoding: child.locked { child.errorOutput }, as: UTF8.self) }
    /// Nil while it runs. Once it is set, output and error output are complete.
    package var exit: Exit? { child.locked { child.exit } }

    /// SIGSTOP: it keeps its connections and listening sockets, and answers nothing.
    package func suspend() { child.signal(SIGSTOP) }
    /// SIGCONT.
    package func resume() { child.signal(SIGCONT) }
    /// SIGTERM.
    package func terminate() { child.signal(SIGTERM) }
    /// SIGINT.
    package func interrupt() { child.signal(SIGINT) }
    /// SIGHUP.
    package func reload() { child.signal(SIGHUP) }
    /// SIGKILL.
    package func kill() { child.signal(SIGKILL) }

    /// Kills it, if it still runs, and the processes that it has started, and waits for its end.
    package func stop() {
        child.reap()
    }

    /// Blocks the thread until it has ended.
    @discardableResult
    package func waitForExit() -> Exit { child.waitForExit() }

    /// - Throws: `NotInTime`, with what the program has written last.
    @discardableResult
    package func waitForExit(within limit: Duration) async throws -> Exit {
        let last = try await eventually(within: limit, "\(program) ends") {
            Seen(exit: exit, lastError: String(errorText.suffix(2000)))
        } until: {
            $0.exit != nil
        }
        return last.exit ?? child.waitForExit()
    }

    /// Waits until a text stands in its error output, where logs go.
    package func waitForLog(_ text: String, within limit: Duration = .seconds(10)) async throws {
        _ = try await eventually(within: limit, "\(program) logs \"\(text)\"") {
            Seen(exit: exit, lastError: errorText)
        } until: {
            $0.lastError.contains(text)
        }
    }

    private struct Seen: Sendable {
        let exit: Exit?
        let lastError: String
    }
}

/// Looks a program up as a shell does.
private func executablePath(_ program: String) -> String? {
    if program.contains("/") { return access(program, X_OK) == 0 ? program : nil }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
}
