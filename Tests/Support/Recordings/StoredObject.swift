/// One object of a recorded list: its bytes, which stay as they came, and what a server has to know of it.
package struct StoredObject: Equatable, Sendable {
    /// As in a list: without `kind` and `apiVersion`.
    package let bytes: [UInt8]
    package let name: String
    package let namespace: String?
    package let resourceVersion: Int
    package let labels: [String: String]
    let metadata: Range<Int>

    init(_ bytes: [UInt8]) throws(JSONText.Malformed) {
        self.bytes = bytes
        guard let metadata = try JSONText.find(["metadata"], in: bytes) else {
            throw JSONText.Malformed("an object without metadata", at: 0)
        }
        self.metadata = metadata
        let members = try JSONText.members(of: bytes, in: metadata)
        func text(_ key: String) -> String? {
            members.first { $0.key == key }.map { JSONText.text($0.value, of: bytes) }
        }
        guard let name = text("name"), let version = text("resourceVersion").flatMap({ Int($0) }) else {
            throw JSONText.Malformed("metadata without name or resourceVersion", at: metadata.lowerBound)
        }
        self.name = name
        resourceVersion = version
        namespace = text("namespace")
        var labels: [String: String] = [:]
        if let range = members.first(where: { $0.key == "labels" })?.value {
            for label in try JSONText.members(of: bytes, in: range) {
                labels[label.key] = JSONText.text(label.value, of: bytes)
            }
        }
        self.labels = labels
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// With another version, and `generation` one higher, as the API server writes an object whose content changed.
    func rewritten(_ bytes: [UInt8], version: Int) throws(JSONText.Malformed) -> StoredObject {
        var bytes = bytes
        guard let old = try JSONText.find(["metadata", "resourceVersion"], in: bytes) else {
            throw JSONText.Malformed("the edited object has no resourceVersion", at: 0)
        }
        bytes.replaceSubrange(old, with: Array("\"\(version)\"".utf8))
        if let range = try JSONText.find(["metadata", "generation"], in: bytes),
            let generation = Int(JSONText.text(range, of: bytes))
        {
            bytes.replaceSubrange(range, with: Array("\(generation + 1)".utf8))
        }
        // To the end: an edit that breaks the object is the test's mistake, not a failure of the server.
        _ = try JSONText.members(of: bytes, in: bytes.indices)
        return try StoredObject(bytes)
    }
}
