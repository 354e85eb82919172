/// A recorded list taken apart into its objects, and put together again as the API server would: whole, in pages, as
/// metadata only, or one object alone. What was not edited comes out as it was recorded, byte for byte.
package struct ObjectList: Equatable, Sendable {
    /// `EndpointSliceList`.
    package let kind: String
    /// `discovery.k8s.io/v1`.
    package let apiVersion: String
    package internal(set) var resourceVersion: Int
    /// In the order of their names, as etcd keeps them.
    package internal(set) var objects: [StoredObject]

    /// The forms that the `Accept` header chooses from.
    package enum Form: Equatable, Sendable {
        case whole
        case metadata
    }

    package init(_ document: [UInt8]) throws {
        func text(_ path: [String]) throws -> String {
            guard let range = try JSONText.find(path, in: document) else {
                throw JSONText.Malformed("no \(path.joined(separator: "."))", at: 0)
            }
            return JSONText.text(range, of: document)
        }
        kind = try text(["kind"])
        apiVersion = try text(["apiVersion"])
        guard let version = Int(try text(["metadata", "resourceVersion"])),
            let items = try JSONText.find(["items"], in: document)
        else { throw JSONText.Malformed("not a list", at: 0) }
        resourceVersion = version
        objects = try JSONText.elements(of: document, in: items).map { try StoredObject(Array(document[$0])) }
    }

    /// The list, or a page of it.
    ///
    /// - Parameters:
    ///   - chosen: What is in it; all objects when nil.
    ///   - next: The token for the next page.
    ///   - remaining: How many objects follow. The API server says it only for lists without a selector.
    package func document(
        of chosen: [StoredObject]? = nil, as form: Form = .whole, version: Int? = nil, next: String? = nil,
        remaining: Int? = nil
    ) -> [UInt8] {
        let head =
            switch form {
            case .whole: #"{"kind":"\#(kind)","apiVersion":"\#(apiVersion)","metadata":{"resourceVersion":""#
            case .metadata:
                #"{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":""#
            }
        var bytes = Array(head.utf8)
        bytes += "\(version ?? resourceVersion)\"".utf8
        if let next { bytes += #","continue":"\#(next)""#.utf8 }
        if let remaining { bytes += #","remainingItemCount":\#(remaining)"#.utf8 }
        bytes += #"},"items":["#.utf8
        for (index, object) in (chosen ?? objects).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch form {
            case .whole: bytes += object.bytes
            case .metadata:
                bytes += #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"#.utf8
                bytes += object.bytes[object.metadata]
                bytes.append(UInt8(ascii: "}"))
            }
        }
        bytes += "]}\n".utf8
        return bytes
    }

    /// One object alone: the same bytes with `kind` and `apiVersion` in front.
    package func document(named name: String) -> [UInt8]? {
        guard let object = objects.first(where: { $0.name == name }) else { return nil }
        let head = #"{"kind":"\#(kind.dropLast("List".count))","apiVersion":"\#(apiVersion)","#
        return Array(head.utf8) + object.bytes.dropFirst() + [UInt8(ascii: "\n")]
    }
}

extension ObjectList {
    /// Changes the bytes of an object; it and the list get a new resourceVersion.
    package mutating func edit(_ name: String, _ change: (inout [UInt8]) throws -> Void) throws {
        guard let index = objects.firstIndex(where: { $0.name == name }) else { throw NoSuchObject(name: name) }
        var bytes = objects[index].bytes
        try change(&bytes)
        objects[index] = try objects[index].rewritten(bytes, version: resourceVersion + 1)
        resourceVersion += 1
    }

    package mutating func remove(_ name: String) throws {
        guard let index = objects.firstIndex(where: { $0.name == name }) else { throw NoSuchObject(name: name) }
        objects.remove(at: index)
        resourceVersion += 1
    }

    package mutating func removeAll() {
        objects = []
        resourceVersion += 1
    }

    /// Puts an object in, or in the place of the one of the same name, as it is.
    mutating func put(_ object: StoredObject) {
        resourceVersion = max(resourceVersion, object.resourceVersion)
        objects.removeAll { $0.name == object.name }
        objects.insert(object, at: objects.firstIndex { $0.name > object.name } ?? objects.count)
    }

    package struct NoSuchObject: Error, CustomStringConvertible {
        let name: String

        package var description: String { "the list has no \(name)" }
    }
}
