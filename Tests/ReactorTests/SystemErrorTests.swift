import Glibc
import Reactor
import Testing

struct SystemErrorTests {
    @Test func interruptedCallsAreRunAgain() throws {
        var results: [(Int32, Int32)] = [(-1, EINTR), (-1, EINTR), (7, 0)]
        let result = try systemCall("call") {
            let (result, number) = results.removeFirst()
            errno = number
            return result
        }
        #expect(result == 7)
        #expect(results.isEmpty)
    }

    @Test func otherErrorsAreThrown() {
        var calls = 0
        let error = #expect(throws: SystemError.self) {
            try systemCall("open /x") {
                calls += 1
                errno = ENOENT
                return -1
            }
        }
        #expect(calls == 1)
        #expect(error?.errno == ENOENT)
        #expect(error?.description == "open /x: No such file or directory")
    }

    @Test func onlyMinusOneIsAnError() throws {
        errno = EPERM
        #expect(try systemCall("call") { 0 } == 0)
        #expect(try systemCall("call") { -2 } == -2)
        #expect(systemErrorText(EADDRINUSE) == "Address already in use")
    }
}
