/// The times in certificates, as OpenSSL writes them (ASN1_TIME_print(3)): `Dec  1 13:06:51 2026 GMT`.
enum CertificateTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Returns: Seconds since the epoch; nil when the text is anything else, or a day that no month has.
    static func seconds(_ text: some StringProtocol) -> Int64? {
        let bytes = Array(text.utf8)
        // Fractions of a second are let out: RFC 5280, section 4.1.2.5.2, has none.
        guard bytes.count == 24, text.hasSuffix(" GMT"), let month = months.firstIndex(where: { text.hasPrefix($0) }),
            [3, 6, 15].allSatisfy({ bytes[$0] == UInt8(ascii: " ") }),
            [9, 12].allSatisfy({ bytes[$0] == UInt8(ascii: ":") })
        else { return nil }
        let isPadded = bytes[4] == UInt8(ascii: " ")
        guard let day = number(bytes[(isPadded ? 5 : 4)..<6]), let hour = number(bytes[7..<9]),
            let minute = number(bytes[10..<12]), let second = number(bytes[13..<15]), let year = number(bytes[16..<20]),
            1...days(in: month, of: year) ~= day, hour < 24, minute < 60, second < 60
        else { return nil }
        return ((daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func days(in month: Int, of year: Int64) -> Int64 {
        [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
    }

    private static func daysSinceEpoch(_ year: Int64, _ month: Int, _ day: Int64) -> Int64 {
        // All leap days before the year, in the Gregorian calendar carried back to year 0.
        func leapDays(_ year: Int64) -> Int64 { (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400 }
        let before = (0..<month).reduce(Int64(0)) { $0 + days(in: $1, of: year) }
        return (year - 1970) * 365 + leapDays(year) - leapDays(1970) + before + day - 1
    }
}
