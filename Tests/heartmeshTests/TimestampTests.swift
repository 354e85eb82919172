import Glibc
import Testing

@testable import heartmesh

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000Z"),
        (-1, 999_999_999, "1969-12-31T23:59:59.999Z"),
        (951_782_399, 1_000_000, "2000-02-28T23:59:59.001Z"),
        (951_782_400, 0, "2000-02-29T00:00:00.000Z"),
        (951_868_800, 0, "2000-03-01T00:00:00.000Z"),
        (1_795_248_000, 123_999_999, "2026-11-21T08:00:00.123Z"),
        (4_107_542_399, 0, "2100-02-28T23:59:59.000Z"),
        (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799, 0, "9999-12-31T23:59:59.000Z"),
    ])
    func knownTimes(seconds: Int64, nanoseconds: Int64, expected: String) {
        #expect(Timestamp(seconds: seconds, nanoseconds: nanoseconds).rfc3339 == expected)
    }

    /// Every day of 400 years, a whole period of the calendar, as gmtime_r(3) has it.
    @Test func everyDayIsThatOfTheCLibrary() {
        for day in stride(from: Int64(-11_000), to: 140_000, by: 1) {
            var seconds = time_t(day * 86_400 + 45_296)
            var fields = tm()
            gmtime_r(&seconds, &fields)
            let date = [fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday].map(String.init)
            let text = Timestamp(seconds: Int64(seconds), nanoseconds: 0).rfc3339
            let read = text.prefix(10).split(separator: "-").map { String(Int($0) ?? -1) }
            guard read == date, text.hasSuffix("T12:34:56.000Z") else {
                Issue.record("\(text) should be the day \(date)")
                return
            }
        }
    }

    @Test func nowIsNow() {
        let before = time(nil)
        let now = Timestamp.now()
        #expect(now.seconds >= before && now.seconds <= time(nil))
        #expect((0..<1_000_000_000).contains(now.nanoseconds))
    }
}
