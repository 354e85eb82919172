/// A line of a recorded watch: lists are replayed through the states that a real cluster went through.
package struct WatchEvent: Equatable, Sendable {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`.
    package let type: String
    /// Nil for a bookmark, which has no object but only a version.
    package let object: StoredObject?
    package let resourceVersion: Int

    /// The events of a recording whose name ends in `.ndjson`.
    package static func all(of recording: Recording) throws -> [WatchEvent] {
        try recording.body.split(separator: UInt8(ascii: "\n")).map { try WatchEvent(Array($0)) }
    }

    private init(_ line: [UInt8]) throws {
        guard let type = try JSONText.find(["type"], in: line),
            let object = try JSONText.find(["object"], in: line),
            let version = try JSONText.find(["object", "metadata", "resourceVersion"], in: line),
            let metadata = try JSONText.members(of: line, in: object).first(where: { $0.key == "metadata" })
        else { throw JSONText.Malformed("not a watch event", at: 0) }
        self.type = JSONText.text(type, of: line)
        resourceVersion = Int(JSONText.text(version, of: line)) ?? 0
        // In a list an object stands without `kind` and `apiVersion`, which come before its metadata.
        let start = metadata.value.lowerBound - "\"metadata\":".utf8.count
        self.object =
            self.type == "BOOKMARK" ? nil : try StoredObject([UInt8(ascii: "{")] + line[start..<object.upperBound])
    }
}

extension ObjectList {
    /// Brings the list to its state after the event, exactly as a list at that version would have been.
    package mutating func apply(_ event: WatchEvent) {
        if let object = event.object {
            if event.type == "DELETED" {
                objects.removeAll { $0.name == object.name }
            } else {
                put(object)
            }
        }
        resourceVersion = max(resourceVersion, event.resourceVersion)
    }
}
