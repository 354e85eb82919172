/// A mapping while it is read. It remembers the keys that were asked for, so that the others can be refused.
package final class Fields {
    /// The mapping as a value.
    package let field: Field
    private let pairs: [Node.Pair]
    private var known: [String] = []

    init(_ field: Field, _ pairs: [Node.Pair]) {
        self.field = field
        self.pairs = pairs
    }

    /// The value of a key, or nil when the key is absent or null: `node:` with all its keys commented out
    /// means the defaults.
    package subscript(key: String) -> Field? {
        known.append(key)
        guard let pair = pairs.first(where: { $0.key == key }), !pair.value.isNull else { return nil }
        return field.child(pair)
    }

    /// The value of a key that must be there: an error is noted at the mapping when it is not.
    package func required(_ key: String) -> Field? {
        if let field = self[key] { return field }
        field.findings.refuse(field.path(to: key), at: field.node.position, "is required")
        return nil
    }

    /// All entries in the document's order, nulls too, for mappings whose keys are the user's own. All are known then.
    package func entries() -> [(key: String, value: Field)] {
        known += pairs.map(\.key)
        return pairs.map { ($0.key, field.child($0)) }
    }

    func refuseUnknownKeys() {
        guard field.unknownKeys == .refused else { return }
        for pair in pairs where !known.contains(pair.key) {
            field.findings.refuse(field.path(to: pair.key), at: pair.keyPosition, "unknown key" + hint(pair.key))
        }
    }

    private func hint(_ key: String) -> String {
        if let nearest = key.nearest(in: known) { return " (did you mean \(nearest.quoted)?)" }
        // In `{mode:off}` YAML sees one key and no value.
        return key.contains(":") ? " (a space is missing after the colon)" : ""
    }
}
