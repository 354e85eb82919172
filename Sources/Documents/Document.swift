/// YAML, and so JSON, as text: the configuration, a kubeconfig, a static mesh.
package enum Document {
    /// What a document may cost. A static mesh of 5,000 peers is 700 KB and 70,000 nodes.
    package struct Limits: Sendable {
        package var bytes = 8 << 20
        /// Nested sequences and mappings.
        package var depth = 32
        package var nodes = 500_000

        package init() {}
    }

    /// What becomes of a key that the reader never asked for.
    package enum UnknownKeys: Sendable {
        case refused, ignored
    }

    /// Reads one document. An empty text is an empty mapping; anchors, aliases, tags, a second document and a
    /// key that stands twice in one mapping are errors.
    ///
    /// - Parameter name: names the document in errors, usually the path that the user gave.
    package static func parse(
        _ bytes: [UInt8], name: String, limits: Limits = Limits()
    ) throws(DocumentError) -> Node {
        guard bytes.count <= limits.bytes else {
            throw DocumentError(name, at: nil, "is larger than \(limits.bytes) bytes")
        }
        return try Composer(bytes, name: name, limits: limits).compose()
    }

    package static func parse(
        _ text: String, name: String, limits: Limits = Limits()
    ) throws(DocumentError) -> Node {
        try parse(Array(text.utf8), name: name, limits: limits)
    }

    /// Reads one document and hands its root mapping to `read`. Throws all errors that syntax, types and
    /// unknown keys gave, not only the first; the result of `read` counts when there were none.
    package static func decode<Value>(
        _ bytes: [UInt8], name: String, unknownKeys: UnknownKeys = .refused, limits: Limits = Limits(),
        _ read: (Fields) -> Value
    ) throws(DocumentError) -> (value: Value, warnings: [Problem]) {
        let root = try parse(bytes, name: name, limits: limits)
        let findings = Findings(name: name)
        let field = Field(root, path: "", keyPosition: root.position, findings, unknownKeys)
        guard let value = field.mapping(read) else {
            _ = try findings.conclude()
            preconditionFailure("Field.mapping gave neither a value nor an error")
        }
        return (value, try findings.conclude())
    }

    package static func decode<Value>(
        _ text: String, name: String, unknownKeys: UnknownKeys = .refused, limits: Limits = Limits(),
        _ read: (Fields) -> Value
    ) throws(DocumentError) -> (value: Value, warnings: [Problem]) {
        try decode(Array(text.utf8), name: name, unknownKeys: unknownKeys, limits: limits, read)
    }
}
