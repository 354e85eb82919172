internal import Documents

/// An object of the API as much of it as is wanted.
protocol APIObject: Equatable {
    var name: String { get }
    /// Another one after each change; not to be compared by size.
    var resourceVersion: String { get }

    /// - Throws: Also when the object has no name.
    init(_ reader: inout JSONReader) throws(JSONError)
}

extension APIObject {
    /// A whole document with this one object.
    init(document: [UInt8]) throws(JSONError) {
        var reader = JSONReader(document)
        try self.init(&reader)
        try reader.end()
    }
}

/// The part of an object's metadata that tells which object and which version it is.
enum ObjectMetadata {
    static func read(_ reader: inout JSONReader) throws(JSONError) -> (name: String, resourceVersion: String) {
        var name = ""
        var version = ""
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "name": name = try reader.string()
            case "resourceVersion": version = try reader.string()
            default: try reader.skip()
            }
        }
        return (name, version)
    }
}

/// The name and version of an object, from a PartialObjectMetadataList.
struct ObjectVersion: APIObject {
    let name: String
    let resourceVersion: String

    init(_ reader: inout JSONReader) throws(JSONError) {
        var metadata = (name: "", resourceVersion: "")
        try reader.object { (reader, key) throws(JSONError) in
            if key == "metadata" { metadata = try ObjectMetadata.read(&reader) } else { try reader.skip() }
        }
        if metadata.name.isEmpty { throw JSONError("an object without a name", at: 0) }
        (name, resourceVersion) = metadata
    }
}
