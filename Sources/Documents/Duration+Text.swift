extension Duration {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Prometheus's form of a duration: whole numbers with the units h, m, s and ms, the largest first and
    /// each at most once, such as `500ms`, `10s`, `1m30s`; and a bare `0`. No fractions, no signs, no spaces.
    package init?(text: String) {
        if text == "0" {
            self = .zero
            return
        }
        var rest = Substring(text)
        var units = Self.units[...]
        var total: Int64 = 0
        repeat {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            let name = rest.dropFirst(digits.count).prefix { ("a"..."z").contains($0) }
            // Nine digits of hours are a thousand centuries, and cannot overflow.
            guard (1...9).contains(digits.utf8.count), let number = Int64(digits),
                let unit = units.firstIndex(where: { $0.name == name })
            else { return nil }
            total += number * units[unit].milliseconds
            units = units[(unit + 1)...]
            rest = rest.dropFirst(digits.count + name.count)
        } while !rest.isEmpty
        self = .milliseconds(total)
    }

    /// The shortest such text, in whole milliseconds.
    package var text: String {
        var rest = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        var text = ""
        for unit in Self.units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text.isEmpty ? "0s" : text
    }
}
