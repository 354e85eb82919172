import Reactor
import Testing

@testable import heartmesh

private func at(_ seconds: Int64) -> Instant {
    Instant(nanoseconds: seconds * 1_000_000_000)
}

@Suite struct LogSamplerTests {
    @Test func aFewLinesAMinuteForEachKey() {
        var sampler = LogSampler(linesPerMinute: 2)
        #expect(
            (0..<5).map { sampler.admit("a", at: at($0)) } == [
                .write(dropped: 0), .write(dropped: 0), .drop, .drop, .drop,
            ])
        #expect(sampler.admit("b", at: at(5)) == .write(dropped: 0))
        #expect(sampler.admit("a", at: at(59)) == .drop)
        #expect(sampler.admit("a", at: at(60)) == .write(dropped: 4))
        #expect(sampler.admit("a", at: at(61)) == .write(dropped: 0))
        #expect(sampler.admit("a", at: at(119)) == .drop)
        #expect(sampler.admit("a", at: at(1000)) == .write(dropped: 1))
    }

    @Test func whatWasDroppedIsToldOnce() {
        var sampler = LogSampler(linesPerMinute: 1)
        for key in ["b", "a", "c"] {
            for _ in 0..<3 { _ = sampler.admit(key, at: at(0)) }
        }
        _ = sampler.admit("c", at: at(60))
        #expect(sampler.expire(at: at(59)).isEmpty)
        let told = sampler.expire(at: at(60))
        #expect(told.map(\.key) == ["a", "b"])
        #expect(told.map(\.dropped) == [2, 2])
        #expect(sampler.expire(at: at(60)).isEmpty)
        #expect(sampler.admit("a", at: at(61)) == .write(dropped: 0))
    }

    /// A thousand keys at most, whatever comes from outside; the rest shares a window.
    @Test func theMemoryIsBounded() {
        var sampler = LogSampler(linesPerMinute: 1)
        let written = (0..<5000).filter { sampler.admit("key-\($0)", at: at(0)) != .drop }
        #expect(written == Array(0...1000))
        #expect(sampler.expire(at: at(60)).map(\.dropped) == [3999])
    }
}

@Suite struct SampledLogTests {
    @Test func linesSayHowManyWereDropped() {
        let pipe = Pipe()
        let log = Log(level: .info, descriptor: pipe.input, now: { Timestamp(seconds: 0, nanoseconds: 0) })
        let sampled = SampledLog(log, linesPerMinute: 1)
        for second in [0, 1, 2, 60, 61] as [Int64] {
            sampled.write(.info, key: "timeout", at: at(second), "probe failed", ("node", "a"))
            sampled.write(.debug, key: "timeout", at: at(second), "not enabled, and not counted")
        }
        sampled.flush(at: at(120))
        #expect(
            pipe.read() == """
                ts=1970-01-01T00:00:00.000Z level=info msg="probe failed" node=a
                ts=1970-01-01T00:00:00.000Z level=info msg="probe failed" node=a dropped=2
                ts=1970-01-01T00:00:00.000Z level=warn msg="lines were dropped" key=timeout dropped=1
                $
                """)
    }
}
