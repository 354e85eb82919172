internal import Glibc

/// A point of the wall clock, for people. Never for measuring.
struct Timestamp: Equatable, Sendable {
    /// Since 1970, without leap seconds.
    var seconds: Int64
    /// Less than a thousand million.
    var nanoseconds: Int64

    static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }

    /// Such as `2026-11-21T08:00:00.123Z` (RFC 3339), milliseconds rounded down.
    var rfc3339: String {
        // Not gmtime_r: it reads the time zone's files. Days are counted in years that begin in March, so that the
        // leap day is the last of its year, and in eras of 400 years, which all have 146,097 days.
        let day = floor(seconds, 86_400) + 719_468
        let second = seconds - floor(seconds, 86_400) * 86_400
        let era = floor(day, 146_097)
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(digits(year, 4))-\(digits(month, 2))-\(digits(dayOfMonth, 2))"
        let time = "\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
        return "\(date)T\(time).\(digits(nanoseconds / 1_000_000, 3))Z"
    }

    private func floor(_ dividend: Int64, _ divisor: Int64) -> Int64 {
        dividend / divisor - (dividend % divisor < 0 ? 1 : 0)
    }

    private func digits(_ number: Int64, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
