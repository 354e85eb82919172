/// Objects of any kind: Services, Ingresses, Nodes, Pods.
extension RecordedAPI {
    /// Answers for a recorded list on the path that it was asked on: the list with and without `labelSelector`, as
    /// `PartialObjectMetadataList`, in pages, and each object by name.
    ///
    /// - Parameters:
    ///   - path: Inside of `Tests/Recordings`: `100/list/nodes.json`.
    ///   - edit: Changes the list before anybody sees it.
    package func serve(list path: String, edit: (inout ObjectList) throws -> Void = { _ in }) throws {
        var served = try ServedList(Recording(path))
        try served.change(edit)
        state.with { [served] in $0.lists[served.path] = served }
    }

    /// Changes a list that `serve(list:)` has brought, between two requests.
    ///
    /// - Parameter resource: `services`, as the path ends.
    package func change(_ resource: String, _ body: (inout ObjectList) throws -> Void) throws {
        try state.with { state in
            guard let path = state.lists.keys.first(where: { state.lists[$0]?.resource == resource }) else {
                throw NothingServed()
            }
            try state.lists[path]?.change(body)
        }
    }

    /// The objects as they are now, by the last part of their path.
    package func list(_ resource: String) -> ObjectList? {
        state.with { $0.lists.values.first { $0.resource == resource }?.list }
    }
}
