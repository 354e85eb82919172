/// Changes of whole objects, byte for byte in the text that was recorded.
extension ObjectList {
    /// Takes out the objects that are not wanted.
    package mutating func keep(where isKept: (StoredObject) -> Bool) throws {
        for object in objects where !isKept(object) { try remove(object.name) }
    }

    /// Adds an object that is another one with other texts, its name among them.
    package mutating func add(like name: String, replacing texts: [(old: String, new: String)]) throws {
        guard let original = objects.first(where: { $0.name == name }) else { throw NoSuchObject(name: name) }
        var text = original.text
        for (old, new) in texts {
            guard text.contains(old) else { throw NoSuchText(text: old, name: name) }
            text = text.replacing(old, with: new)
        }
        put(try original.rewritten(Array(text.utf8), version: resourceVersion + 1))
    }

    package struct NoSuchText: Error, CustomStringConvertible {
        let text: String
        let name: String

        package var description: String { "\(name) does not contain \(text)" }
    }
}
