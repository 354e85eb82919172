import Glibc
import Testing

@testable import heartmesh

final class Pipe {
    private let ends: [Int32]

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        self.ends = ends
    }

    deinit {
        close(ends[0])
        close(ends[1])
    }

    var input: Int32 { ends[1] }

    /// What was written so far, at most 64 KiB.
    func read() -> String {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        _ = Glibc.write(input, "$", 1)
        let count = Glibc.read(ends[0], &bytes, bytes.count)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

@Suite struct LogTests {
    @Test func linesBelowTheLevelAreNotWritten() {
        let pipe = Pipe()
        let log = Log(level: .warn, descriptor: pipe.input, now: { Timestamp(seconds: 0, nanoseconds: 0) })
        log.debug("a")
        log.info("b", ("x", 1))
        log.warn("c", ("x", 1))
        log.error("d")
        #expect(log.isEnabled(.error) && !log.isEnabled(.info))
        #expect(
            pipe.read() == """
                ts=1970-01-01T00:00:00.000Z level=warn msg=c x=1
                ts=1970-01-01T00:00:00.000Z level=error msg=d
                $
                """)
    }

    @Test func theFormatIsAsAsked() {
        let pipe = Pipe()
        Log(format: .json, descriptor: pipe.input, now: { Timestamp(seconds: 0, nanoseconds: 0) }).info("a")
        #expect(pipe.read() == "{\"ts\":\"1970-01-01T00:00:00.000Z\",\"level\":\"info\",\"msg\":\"a\"}\n$")
    }

    /// A log that takes no more must not stop the process.
    @Test func aClosedOrFullLogLosesLines() {
        Log(descriptor: -1).info("a")
        let pipe = Pipe()
        _ = fcntl(pipe.input, F_SETFL, O_NONBLOCK)
        let log = Log(descriptor: pipe.input)
        for _ in 0..<200 { log.info(String(repeating: "x", count: 1000)) }
        #expect(pipe.read().utf8.count < 200 * 1000)
    }
}
