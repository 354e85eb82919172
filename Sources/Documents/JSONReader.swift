/// A pull reader of JSON (RFC 8259): the caller asks for what it expects and skips the rest, of which nothing is kept.
///
/// An answer of the API server is up to some megabytes, of which a twentieth is wanted: a decoder of whole documents
/// takes four times the document's size in memory.
package struct JSONReader {
    let bytes: [UInt8]
    var position = 0
    private var depth = 0

    /// Deeper than any object of the API; the reader recurses with the caller.
    private static let depthLimit = 64

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads an object. `member` reads or skips the value of each key.
    package mutating func object(_ member: (inout JSONReader, String) throws(JSONError) -> Void) throws(JSONError) {
        try open(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return close() }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"))
            try member(&self, key)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        close()
    }

    /// Reads an array, or `null` as an empty one: Go writes an empty list so.
    package mutating func array(_ element: (inout JSONReader) throws(JSONError) -> Void) throws(JSONError) {
        if try null() { return }
        try open(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return close() }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        close()
    }

    package mutating func string() throws(JSONError) -> String {
        let content = try rawString()
        if !content.escaped { return String(decoding: bytes[content.range], as: UTF8.self) }
        return try unescape(content.range)
    }

    /// A string, or nil for `null`.
    package mutating func stringOrNull() throws(JSONError) -> String? {
        try null() ? nil : try string()
    }

    package mutating func integer() throws(JSONError) -> Int {
        skipSpace()
        let start = position
        skipNumber()
        guard let value = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw JSONError("a whole number is expected", at: start)
        }
        return value
    }

    /// A truth value, or nil for `null`.
    package mutating func boolOrNull() throws(JSONError) -> Bool? {
        if try null() { return nil }
        if word("true") { return true }
        if word("false") { return false }
        throw JSONError("true or false is expected", at: position)
    }

    /// Reads over a value of any kind.
    package mutating func skip() throws(JSONError) {
        skipSpace()
        guard position < bytes.count else { throw JSONError("the document ends too early", at: position) }
        switch bytes[position] {
        case UInt8(ascii: "{"): try object { (reader, _) throws(JSONError) in try reader.skip() }
        case UInt8(ascii: "["): try array { (reader) throws(JSONError) in try reader.skip() }
        case UInt8(ascii: "\""): _ = try rawString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): skipNumber()
        default:
            if word("true") || word("false") || word("null") { return }
            throw JSONError("a value is expected", at: position)
        }
    }

    /// Nothing but white space is left.
    package mutating func end() throws(JSONError) {
        skipSpace()
        if position < bytes.count { throw JSONError("something follows the document", at: position) }
    }

    // MARK: Tokens

    private mutating func null() throws(JSONError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw JSONError("the document ends too early", at: position) }
        return word("null")
    }

    private mutating func word(_ text: StaticString) -> Bool {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where bytes[position + offset] != text.utf8Start[offset] {
            return false
        }
        position = end
        return true
    }

    mutating func skipNumber() {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                position += 1
            default: return
            }
        }
    }

    private mutating func open(_ bracket: UInt8) throws(JSONError) {
        try expect(bracket)
        depth += 1
        if depth > JSONReader.depthLimit { throw JSONError("the document is too deep", at: position) }
    }

    private mutating func close() {
        depth -= 1
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        if take(byte) { return }
        if position == bytes.count { throw JSONError("the document ends too early", at: position) }
        throw JSONError("\"\(Character(Unicode.Scalar(byte)))\" is expected", at: position)
    }

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    // MARK: Strings

    /// Reads over a string; the range is its content, escapes and all.
    private mutating func rawString() throws(JSONError) -> (range: Range<Int>, escaped: Bool) {
        try expect(UInt8(ascii: "\""))
        let start = position
        var escaped = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return (start..<position - 1, escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                position += 2
            case 0..<0x20:
                throw JSONError("a string holds a control character", at: position)
            default:
                position += 1
            }
        }
        throw JSONError("the document ends within a string", at: bytes.count)
    }

    private func unescape(_ range: Range<Int>) throws(JSONError) -> String {
        var units: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\") else {
                units.append(byte)
                index += 1
                continue
            }
            index += 2
            switch bytes[index - 1] {
            case UInt8(ascii: "n"): units.append(0x0a)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "r"): units.append(0x0d)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0c)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(bytes[index - 1])
            case UInt8(ascii: "u"):
                var scalar = try codeUnit(at: &index, in: range)
                if 0xd800..<0xdc00 ~= scalar, index + 1 < range.upperBound, bytes[index] == UInt8(ascii: "\\"),
                    bytes[index + 1] == UInt8(ascii: "u")
                {
                    var next = index + 2
                    let low = try codeUnit(at: &next, in: range)
                    if 0xdc00..<0xe000 ~= low {
                        scalar = 0x10000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
                        index = next
                    }
                }
                // Half of a pair alone stands for no character.
                units.append(contentsOf: String(Character(Unicode.Scalar(scalar) ?? "\u{fffd}")).utf8)
            default:
                throw JSONError("a string holds an unknown escape", at: index - 1)
            }
        }
        return String(decoding: units, as: UTF8.self)
    }

    private func codeUnit(at index: inout Int, in range: Range<Int>) throws(JSONError) -> UInt32 {
        guard index + 4 <= range.upperBound else { throw JSONError("an escape is cut off", at: index) }
        var unit: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[index + offset])).hexDigitValue else {
                throw JSONError("an escape has a digit that is not hexadecimal", at: index + offset)
            }
            unit = unit << 4 | UInt32(digit)
        }
        index += 4
        return unit
    }
}

/// What is wrong with a JSON document, and at which byte.
package struct JSONError: Error, CustomStringConvertible {
    package let description: String

    package init(_ problem: String, at position: Int) {
        description = "byte \(position): \(problem)"
    }
}
