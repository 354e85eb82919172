import Foundation
import Glibc
import Support
import Testing

struct RunningTests {
    @Test func outputAndExitCode() async throws {
        let shell = try Running(
            "sh", ["-c", "echo out; echo err $A >&2; exit 3"], environment: ["A": "b c"])
        #expect(try await shell.waitForExit(within: .seconds(10)) == .code(3))
        #expect(shell.outputText == "out\n")
        #expect(shell.errorText == "err b c\n")
    }

    @Test func muchOutputIsComplete() async throws {
        let program = try Running("sh", ["-c", "head -c 3000000 /dev/zero; head -c 200000 /dev/zero >&2"])
        try await program.waitForExit(within: .seconds(20))
        #expect(program.output.count == 3_000_000)
        #expect(program.errorText.utf8.count == 200_000)
    }

    @Test func signals() async throws {
        let ticker = try Running(
            "sh", ["-c", "trap 'echo term; exit 5' TERM; while :; do echo tick; sleep 0.01; done"])
        try await eventually(within: .seconds(10), "it ticks") { ticker.outputText.contains("tick") }
        ticker.suspend()
        try await eventually(within: .seconds(10), "it is stopped") { try state(of: ticker) == "T" }
        ticker.resume()
        try await eventually(within: .seconds(10), "it runs") { try state(of: ticker) != "T" }
        ticker.terminate()
        #expect(try await ticker.waitForExit(within: .seconds(10)) == .code(5))
        #expect(ticker.outputText.hasSuffix("term\n"))
        ticker.terminate()
    }

    @Test func waitingTooLongSaysWhatItWroteLast() async throws {
        let sleeper = try Running("sh", ["-c", "echo not yet >&2; exec sleep 60"])
        try await sleeper.waitForLog("not yet")
        let error = await #expect(throws: NotInTime.self) { try await sleeper.waitForExit(within: .milliseconds(20)) }
        #expect(error?.lastSeen.contains("not yet") == true)
        sleeper.kill()
        #expect(sleeper.waitForExit() == .signal(9))
    }

    @Test func itEndsWithItsOwnerAndSoDoItsChildren() async throws {
        var shell: Running? = try Running("sh", ["-c", "sleep 60 & echo $!; sleep 60"])
        try await eventually(within: .seconds(10), "it has a child") { shell?.outputText.hasSuffix("\n") ?? false }
        let parent = shell?.processID ?? 0
        let child = Int32(shell?.outputText.dropLast() ?? "") ?? 0
        #expect(isThere(parent) && isThere(child))
        shell = nil
        #expect(!isThere(parent))
        // Its new parent, init, reaps it in its own time.
        try await eventually(within: .seconds(10), "the child is gone") { !isThere(child) }
    }

    /// A program that left something behind which keeps its output open has ended all the same.
    @Test func aGrandchildDoesNotKeepItFromEnding() async throws {
        let shell = try Running("sh", ["-c", "sleep 60 & echo $!"])
        #expect(try await shell.waitForExit(within: .seconds(10)) == .code(0))
        let child = Int32(shell.outputText.dropLast()) ?? 0
        #expect(child > 1 && isThere(child))
        shell.stop()
        try await eventually(within: .seconds(10), "the child is gone") { !isThere(child) }
    }

    /// A test process can't clean up after a crash or SIGKILL: a second one is started here to die like that.
    @Test func itEndsWhenTheTestProcessDies() async throws {
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let second = try Running(
            bundle, ["--testing-library", "swift-testing", "--filter", "diesWithAChild"], environment: ["DIE": "1"])
        #expect(try await second.waitForExit(within: .seconds(60)) == .signal(SIGKILL))
        let child = Int32(second.outputText.split(separator: "child=").last?.prefix { $0.isNumber } ?? "") ?? 0
        #expect(child > 1, "\(second.outputText)")
        try await eventually(within: .seconds(10), "the child is gone") { !isThere(child) }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["DIE"] != nil, "only for the test above"))
    func diesWithAChild() async throws {
        let sleeper = try Running("sleep", ["60"])
        // Until setpriv has asked the kernel, nothing binds the two.
        try await eventually(within: .seconds(10), "setpriv has become sleep") {
            try String(contentsOfFile: "/proc/\(sleeper.processID)/comm", encoding: .utf8) == "sleep\n"
        }
        FileHandle.standardOutput.write(Data("child=\(sleeper.processID) \n".utf8))
        kill(getpid(), SIGKILL)
    }

    @Test func noSuchProgram() {
        #expect(throws: Running.NotStarted.self) { try Running("/nothing/here") }
        #expect(throws: Running.NotStarted.self) { try Running("no-such-program-anywhere") }
    }

    private func isThere(_ process: Int32) -> Bool {
        kill(process, 0) == 0 && (try? state(ofProcess: process)) != "Z"
    }

    private func state(of program: Running) throws -> String { try state(ofProcess: program.processID) }

    /// The third field of /proc/PID/stat (proc(5)).
    private func state(ofProcess process: Int32) throws -> String {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return text.split(separator: ") ").last.map { String($0.prefix(1)) } ?? ""
    }
}
