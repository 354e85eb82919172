internal import Documents

/// One page of a list: its items, and the token that asks for the next page.
struct ListPage<Item> {
    private(set) var items: [Item] = []
    private(set) var continuation: String?

    /// - Parameter document: A list of any kind.
    /// - Throws: Also when the document is no list: an answer without `items` is not an empty list.
    init(
        document: [UInt8], item: (inout JSONReader) throws(JSONError) -> Item
    ) throws(JSONError) {
        var items: [Item] = []
        var continuation: String?
        var isList = false
        var hasItems = false
        var reader = JSONReader(document)
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "kind": isList = try reader.string().hasSuffix("List")
            case "metadata":
                try reader.object { (reader, key) throws(JSONError) in
                    if key == "continue" { continuation = try reader.stringOrNull() } else { try reader.skip() }
                }
            case "items":
                hasItems = true
                try reader.array { (reader) throws(JSONError) in items.append(try item(&reader)) }
            default: try reader.skip()
            }
        }
        try reader.end()
        if !isList || !hasItems { throw JSONError("the document is not a list", at: 0) }
        self.items = items
        self.continuation = continuation.flatMap { $0.isEmpty ? nil : $0 }
    }
}
