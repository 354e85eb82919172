/// JSON writes a character beyond U+FFFF as two escapes, `\ud83d\ude00` (RFC 8259 section 7). YAML has no such
/// rule and libyaml 0.2.5 refuses either half, so in a JSON text each pair becomes YAML's `\U0001f600` first.
///
/// A text counts as JSON when it starts with `{` or `[` and has no `'` or `#` outside of its strings, so that
/// every quote is where it seems to be. Any other YAML is left alone: there libyaml's refusal is right.
struct SurrogatePairs {
    /// The text for libyaml.
    private(set) var bytes: [UInt8] = []
    /// Where rewritten escapes end, in the rewritten text, each with the columns lost on its line so far.
    private var losses: [(end: Position, columns: Int)] = []

    init(joinedIn bytes: [UInt8]) {
        let space: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        let first = bytes.first { !space.contains($0) }
        let mayBeJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        guard mayBeJSON, bytes.contains(UInt8(ascii: "\\")), join(bytes) else {
            losses = []
            self.bytes = bytes
            return
        }
    }

    /// The place in the text as it was given, for a place in the rewritten one.
    func original(_ position: Position) -> Position {
        var low = 0
        var high = losses.count
        while low < high {
            let middle = (low + high) / 2
            if losses[middle].end <= position { low = middle + 1 } else { high = middle }
        }
        guard low > 0, losses[low - 1].end.line == position.line else { return position }
        return Position(line: position.line, column: position.column + losses[low - 1].columns)
    }

    /// False when the text is not JSON.
    private mutating func join(_ source: [UInt8]) -> Bool {
        var position = Position.start
        var inString = false
        var index = 0
        bytes.reserveCapacity(source.count)
        while index < source.count {
            let byte = source[index]
            if inString && byte == UInt8(ascii: "\\") {
                if let scalar = Self.pair(source[index...]) {
                    // Sixteen bits and a carry: five or six digits.
                    bytes += (scalar > 0xFFFFF ? "\\U00" : "\\U000").utf8
                    bytes += String(scalar, radix: 16).utf8
                    position.column += 10
                    let before = losses.last.map { $0.end.line == position.line ? $0.columns : 0 } ?? 0
                    losses.append((position, before + 2))
                    index += 12
                } else {
                    let escape = source[index...].prefix(2)
                    bytes += escape
                    position.column += escape.count
                    index += escape.count
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "'"), UInt8(ascii: "#"): if !inString { return false }
            default: break
            }
            bytes.append(byte)
            index += 1
            if byte == UInt8(ascii: "\n") {
                position = Position(line: position.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                position.column += 1
            }
        }
        return true
    }

    /// The character that two escapes at the start of the text stand for.
    private static func pair(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard let high = unit(text), 0xD800...0xDBFF ~= high,
            let low = unit(text.dropFirst(6)), 0xDC00...0xDFFF ~= low
        else { return nil }
        return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }

    private static func unit(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard text.count >= 6, text.starts(with: Array("\\u".utf8)) else { return nil }
        return UInt32(String(decoding: text.dropFirst(2).prefix(4), as: UTF8.self), radix: 16)
    }
}
