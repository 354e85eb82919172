/// A JSON value that holds no others.
package enum JSONScalar: Equatable, Sendable {
    case string(String)
    /// As it is written.
    case number(String)
    case bool(Bool)
    case null

    /// Whether two values are the same. Numbers are if they are written alike or are the same double, as `5` and `5.0`;
    /// but not two whole numbers above 2⁵³ that differ in their last digit.
    package func isSame(as other: JSONScalar) -> Bool {
        if self == other { return true }
        guard case .number(let left) = self, case .number(let right) = other else { return false }
        if Int(left) != nil, Int(right) != nil { return false }
        guard let left = Double(left), let right = Double(right) else { return false }
        return left == right
    }
}

/// Where a value is in a document: `a.b[0].c`; empty: the document itself.
package struct JSONPath: Equatable, Sendable {
    private enum Step: Equatable, Sendable {
        case member(String)
        case element(Int)
    }

    private let steps: [Step]
    package let text: String

    /// Nil when it is none. A key that holds a dot or a bracket can't be written.
    package init?(_ text: String) {
        self.text = text
        var steps: [Step] = []
        for (number, part) in text.split(separator: ".", omittingEmptySubsequences: false).enumerated() {
            let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
            let key = pieces[0]
            if key.contains("]") { return nil }
            if !key.isEmpty {
                steps.append(.member(String(key)))
            } else if number > 0 || pieces.count == 1 && !text.isEmpty {
                return nil
            }
            for piece in pieces.dropFirst() {
                let digits = piece.dropLast()
                guard piece.last == "]", let index = Int(digits), index >= 0, String(index) == digits else {
                    return nil
                }
                steps.append(.element(index))
            }
        }
        self.steps = steps
    }

    /// The scalar at this place; nil when there is none, or an object or an array. Of members with the same name the last
    /// one counts, as with nearly all decoders (RFC 8259, section 4).
    ///
    /// - Throws: When anything is wrong with the document, before that place or after it.
    package func scalar(in document: [UInt8]) throws(JSONError) -> JSONScalar? {
        var reader = JSONReader(document)
        let found = try JSONPath.find(steps[...], &reader)
        try reader.end()
        return found
    }

    private static func find(_ steps: ArraySlice<Step>, _ reader: inout JSONReader) throws(JSONError) -> JSONScalar? {
        guard let step = steps.first else { return try reader.scalar() }
        var found: JSONScalar?
        switch (step, try reader.next()) {
        case (.member(let name), .object):
            try reader.object { (reader, key) throws(JSONError) in
                if key == name { found = try find(steps.dropFirst(), &reader) } else { try reader.skip() }
            }
        case (.element(let index), .array):
            var number = 0
            try reader.array { (reader) throws(JSONError) in
                if number == index { found = try find(steps.dropFirst(), &reader) } else { try reader.skip() }
                number += 1
            }
        default: try reader.skip()
        }
        return found
    }
}

extension JSONReader {
    fileprivate enum Kind {
        case object, array, string, number, word
    }

    /// What begins here.
    fileprivate mutating func next() throws(JSONError) -> Kind {
        skipSpace()
        guard position < bytes.count else { throw JSONError("the document ends too early", at: position) }
        return switch bytes[position] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: .word
        }
    }

    /// Reads a value of any kind; nil for an object or an array.
    fileprivate mutating func scalar() throws(JSONError) -> JSONScalar? {
        switch try next() {
        case .object, .array:
            try skip()
            return nil
        case .string: return .string(try string())
        case .number:
            let start = position
            skipNumber()
            return .number(String(decoding: bytes[start..<position], as: UTF8.self))
        case .word: return try boolOrNull().map { .bool($0) } ?? .null
        }
    }
}
