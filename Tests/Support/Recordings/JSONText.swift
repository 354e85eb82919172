/// Finds the places of values in a JSON text, so that documents can be cut and edited without changing another byte.
///
/// Works on bytes: a decoder and an encoder would not give back the order, the spacing and the escapes of the original.
enum JSONText {
    /// A text that is not JSON, or does not have the value that is looked for.
    struct Malformed: Error, CustomStringConvertible {
        let description: String

        init(_ problem: String, at offset: Int) {
            description = "\(problem) at byte \(offset)"
        }
    }

    struct Member {
        let key: String
        let value: Range<Int>
    }

    /// The members of an object, up to one of that key if it is given: what comes after it is not looked at.
    static func members(
        of bytes: [UInt8], in range: Range<Int>, upTo last: String? = nil
    ) throws(Malformed) -> [Member] {
        var members: [Member] = []
        var scanner = try Scanner(bytes, range, opening: "{")
        while !scanner.isAt("}") {
            let key = try scanner.value()
            try scanner.expect(":")
            let value = try scanner.value()
            // The keys of Kubernetes' types have no escapes.
            members.append(Member(key: text(key, of: bytes), value: value))
            if members.last?.key == last { break }
            try scanner.endOfElement(before: "}")
        }
        return members
    }

    /// The elements of an array.
    static func elements(of bytes: [UInt8], in range: Range<Int>) throws(Malformed) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        var scanner = try Scanner(bytes, range, opening: "[")
        while !scanner.isAt("]") {
            elements.append(try scanner.value())
            try scanner.endOfElement(before: "]")
        }
        return elements
    }

    /// Follows keys from the outermost object. Nil when one of them is not there.
    static func find(_ path: [String], in bytes: [UInt8]) throws(Malformed) -> Range<Int>? {
        var range = bytes.indices
        for key in path {
            guard let member = try members(of: bytes, in: range, upTo: key).last, member.key == key else { return nil }
            range = member.value
        }
        return range
    }

    /// The text of a string without escapes, or of a number or another word.
    static func text(_ range: Range<Int>, of bytes: [UInt8]) -> String {
        let isQuoted = bytes[range].first == UInt8(ascii: "\"")
        return String(decoding: isQuoted ? bytes[range].dropFirst().dropLast() : bytes[range], as: UTF8.self)
    }
}

private struct Scanner {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>, opening: Unicode.Scalar) throws(JSONText.Malformed) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
        try expect(opening)
    }

    mutating func isAt(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return position < end && bytes[position] == UInt8(ascii: character)
    }

    mutating func expect(_ character: Unicode.Scalar) throws(JSONText.Malformed) {
        guard isAt(character) else { throw JSONText.Malformed("no \(character)", at: position) }
        position += 1
    }

    /// A comma, or the closing bracket, which stays.
    mutating func endOfElement(before closing: Unicode.Scalar) throws(JSONText.Malformed) {
        if !isAt(closing) { try expect(",") }
    }

    /// Steps over one value of any kind.
    mutating func value() throws(JSONText.Malformed) -> Range<Int> {
        skipSpace()
        let start = position
        position = bytes.withUnsafeBufferPointer { endOfValue($0, from: start) }
        guard position > start, position <= end else { throw JSONText.Malformed("no value", at: start) }
        return start..<position
    }

    private mutating func skipSpace() {
        while position < end, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[position]) { position += 1 }
    }

    /// On raw memory: in a debug build the checked subscript takes a second for the largest recording.
    private func endOfValue(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var depth = 0
        var index = start
        while index < end {
            switch text[index] {
            case UInt8(ascii: "\""):
                index += 1
                while index < end, text[index] != UInt8(ascii: "\"") {
                    index += text[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                index += 1
                if depth == 0 { return index }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return index }
                depth -= 1
                index += 1
                if depth == 0 { return index }
            case UInt8(ascii: ","), 0x20, 0x0a:
                if depth == 0 { return index }
                index += 1
            default:
                index += 1
            }
        }
        // Without its end: past the range, so that the caller notices.
        return depth == 0 ? index : end + 1
    }
}
