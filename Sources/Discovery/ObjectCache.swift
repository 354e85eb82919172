/// The objects of one kind that are known, and which of them have to be asked for again. Pure.
struct ObjectCache<Item: APIObject> {
    private(set) var objects: [String: Item] = [:]

    /// What to ask for after the list of versions has come.
    enum Request: Equatable {
        /// Each of these by its name; none when nothing changed.
        case objects([String])
        /// All of them: cheaper than one by one when more than a seventh changed, as a compressed list packs
        /// some seven slices into the bytes of one that is too small to be compressed.
        case list
    }

    /// Drops the objects that are gone, and tells which have changed.
    mutating func request(for versions: [ObjectVersion]) -> Request {
        let names = Set(versions.map(\.name))
        objects = objects.filter { names.contains($0.key) }
        let changed = versions.filter { objects[$0.name]?.resourceVersion != $0.resourceVersion }.map(\.name)
        return changed.count > 1 && changed.count * 7 > versions.count ? .list : .objects(changed)
    }

    mutating func replaceAll(with list: [Item]) {
        objects = Dictionary(list.map { ($0.name, $0) }) { $1 }
    }

    mutating func replace(_ object: Item) {
        objects[object.name] = object
    }

    mutating func remove(_ name: String) {
        objects[name] = nil
    }

    /// Always in the same order.
    var sorted: [Item] { objects.values.sorted { $0.name < $1.name } }
}
