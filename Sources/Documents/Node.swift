/// A place in a document. Both numbers count from 1; a column counts Unicode scalars, as editors do.
package struct Position: Sendable, Equatable, Comparable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static let start = Position(line: 1, column: 1)

    package static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }

    package var description: String { "\(line):\(column)" }
}

/// A YAML or JSON value and the place where it stands.
///
/// Scalars keep the text of the document: what `on`, `010` or `1e3` means is decided by the getter that
/// knows which type is wanted (`Field`), not by YAML's guesses.
package struct Node: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// A scalar with its escapes resolved. `quoted` also covers the block styles `|` and `>`:
        /// such a scalar is always text, never a null, number or boolean.
        case scalar(String, quoted: Bool)
        case sequence([Node])
        case mapping([Pair])
    }

    /// One entry of a mapping, in the order of the document. Keys are unique.
    package struct Pair: Sendable, Equatable {
        package let key: String
        package let keyPosition: Position
        package let value: Node

        package init(key: String, keyPosition: Position, value: Node) {
            self.key = key
            self.keyPosition = keyPosition
            self.value = value
        }
    }

    package let kind: Kind
    package let position: Position

    package init(_ kind: Kind, at position: Position) {
        self.kind = kind
        self.position = position
    }

    package var line: Int { position.line }
    package var column: Int { position.column }

    /// YAML's null: nothing after the colon, `~` or `null` (YAML 1.2.2 section 10.3.2), and so JSON's.
    package var isNull: Bool {
        guard case .scalar(let text, quoted: false) = kind else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// Whether there is nothing in it: null, empty text, an empty list or mapping.
    package var isEmpty: Bool {
        switch kind {
        case .scalar(let text, _): text.isEmpty || isNull
        case .sequence(let elements): elements.isEmpty
        case .mapping(let pairs): pairs.isEmpty
        }
    }

    /// The text of a scalar, null or not.
    package var text: String? {
        guard case .scalar(let text, _) = kind else { return nil }
        return text
    }

    package var elements: [Node]? {
        guard case .sequence(let elements) = kind else { return nil }
        return elements
    }

    package var pairs: [Pair]? {
        guard case .mapping(let pairs) = kind else { return nil }
        return pairs
    }

    /// The value of a key of a mapping.
    package subscript(key: String) -> Node? {
        pairs?.first { $0.key == key }?.value
    }
}
