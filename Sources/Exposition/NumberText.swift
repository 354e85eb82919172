extension [UInt8] {
    /// Appends a sample's value, in a spelling that Go's `strconv.ParseFloat` reads back as the same value.
    ///
    /// Integers below 2^63 have no fraction and no exponent (`-0.0` is `0`), the special values are `+Inf`, `-Inf` and
    /// `NaN`, everything else is the shortest decimal that comes back as the same double.
    mutating func append(number: Double) {
        // The conversion traps on what does not fit. Every double from there on is an integer, but a shorter one with
        // an exponent.
        if number.magnitude < 0x1p63 {
            let integer = Int64(number)
            if Double(integer) == number { return append(integer: integer) }
        }
        append(spelledOut: number)
    }

    /// Appends an integer in decimal.
    mutating func append(integer: Int64) {
        var rest = integer.magnitude
        if integer < 0 { append(UInt8(ascii: "-")) }
        if rest < 10 { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest)) }
        // At most 19 digits. They are made from the last to the first.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var first = digits.count
            repeat {
                first -= 1
                digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    /// Appends what the fast path leaves. Apart, so that the fast path is small enough to be inlined.
    @inline(never)
    private mutating func append(spelledOut number: Double) {
        if number.isNaN { return append(contentsOf: "NaN".utf8) }
        if number.isInfinite { return append(contentsOf: (number > 0 ? "+Inf" : "-Inf").utf8) }
        // The description is the shortest that round-trips; up to 15 bytes it lies in the string itself.
        var text = number.description
        text.withUTF8 { append(contentsOf: $0) }
    }
}
