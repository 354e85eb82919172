extension String {
    /// The text in quotes for an error line: control characters as escapes, at most 60 characters of it.
    package var quoted: String {
        var result = "\""
        for scalar in unicodeScalars.prefix(60) {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            // C0, DEL and C1: a terminal acts on them.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let hex = String(scalar.value, radix: 16)
                result += "\\x" + (hex.utf8.count == 1 ? "0" : "") + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + (unicodeScalars.dropFirst(60).isEmpty ? "\"" : "…\"")
    }
}
