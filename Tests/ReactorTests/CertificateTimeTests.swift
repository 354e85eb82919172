import Foundation
import Testing

@testable import Reactor

struct CertificateTimeTests {
    @Test(arguments: [
        ("Jan  1 00:00:00 1970 GMT", 0), ("Dec 31 23:59:59 1969 GMT", -1), ("Feb 29 12:00:00 2024 GMT", 1_709_208_000),
        ("Dec 11 13:06:51 2026 GMT", 1_796_994_411), ("Mar  1 00:00:00 2100 GMT", 4_107_542_400),
        ("Feb 29 00:00:00 2000 GMT", 951_782_400), ("Jan  1 00:00:00 1950 GMT", -631_152_000),
        ("Dec 31 23:59:59 9999 GMT", 253_402_300_799),
    ])
    func good(text: String, seconds: Int64) {
        #expect(CertificateTime.seconds(text) == seconds)
    }

    @Test(arguments: [
        "", "Bad time value", "Feb 29 12:00:00 2023 GMT", "Feb 29 12:00:00 2100 GMT", "Jan  0 00:00:00 2026 GMT",
        "Jan 32 00:00:00 2026 GMT", "Jan 01 24:00:00 2026 GMT", "Jan 01 00:60:00 2026 GMT", "Jan 01 00:00:60 2026 GMT",
        "Foo 01 00:00:00 2026 GMT", "Jan 01 00:00:00 2026", "Jan 01 00:00:00 2026 CET", "Jan 01 00:00:00.5 2026 GMT",
        "Jan 01 00:00:00 12026 GMT", "Jan 01 00-00-00 2026 GMT", "Jan +1 00:00:00 2026 GMT", "Jan 1  00:00:00 2026 GMT",
        "jan 01 00:00:00 2026 GMT", "Jän 1 00:00:00 2026 GMT",
    ])
    func bad(text: String) {
        #expect(CertificateTime.seconds(text) == nil)
    }

    /// Against the system's calendar.
    @Test func everyDayOfFourHundredYears() {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        for number in -7_000..<139_000 {
            let seconds = Int64(number) * 86_400 + 3_661
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(seconds)))
            let day = String(parts.day!)
            let text = "\(names[parts.month! - 1]) \(day.count == 1 ? " " : "")\(day) 01:01:01 \(parts.year!) GMT"
            if CertificateTime.seconds(text) != seconds { Issue.record("\(text)") }
        }
    }
}
