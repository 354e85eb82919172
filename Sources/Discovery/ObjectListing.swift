internal import Documents

/// Keeps up with the objects that a selector finds in a namespace.
///
/// The first look takes the whole list. Each later one takes the objects' versions only, a few KB compressed, and then
/// the objects that changed.
final class ObjectListing<Item: APIObject> {
    /// What is listed, and how it is called.
    struct Subject {
        let resource: DiscoveryResource
        /// `EndpointSlice`
        let kind: String
        /// `EndpointSlices of heartmesh`
        let title: String
        /// From the root: `/api/v1/namespaces/heartmesh/services`.
        let path: String
        /// With its special characters as a query has them.
        let selector: String
    }

    private let subject: Subject
    private let client: APIClient
    private let pageSize: Int
    private(set) var cache = ObjectCache<Item>()
    /// Whether the whole list has come once.
    private var hasList = false
    private var done: (DiscoveryFailure?) -> Void = { _ in }

    /// A list that goes on after so many pages does not end: 50,000 slices would hold five million endpoints.
    private static var pageLimit: Int { 100 }

    /// - Parameter pageSize: For the server's storage; its cache, which `resourceVersion=0` asks for, answers with all
    ///   objects at once.
    init(_ subject: Subject, pageSize: Int, client: APIClient) {
        self.subject = subject
        self.client = client
        self.pageSize = pageSize
    }

    /// Brings the cache up to date.
    ///
    /// A look that breaks off halfway leaves a cache that is newer in some parts than in others: what has come need not
    /// come again.
    ///
    /// - Parameter done: Called on the loop, once, and not from within this call; not at all after the client's `cancel`.
    func look(done: @escaping (DiscoveryFailure?) -> Void) {
        self.done = done
        if hasList { listVersions() } else { listObjects() }
    }

    private func listObjects() {
        list(accept: APIClient.json, item: Item.init) { [unowned self] objects in
            cache.replaceAll(with: objects)
            hasList = true
            done(nil)
        }
    }

    private func listVersions() {
        list(accept: APIClient.metadata, item: ObjectVersion.init) { [unowned self] versions in
            switch cache.request(for: versions) {
            case .list: listObjects()
            case .objects(let names): get(names[...])
            }
        }
    }

    /// Gets the named objects one after the other; one that is gone by now is dropped.
    private func get(_ names: ArraySlice<String>) {
        guard let name = names.first else { return done(nil) }
        client.get("\(subject.path)/\(name)", of: subject.resource) { [unowned self] result in
            do throws(DiscoveryFailure) {
                let answer = try result.get()
                if answer.status == 404 {
                    cache.remove(name)
                } else {
                    let body = try answer.good("\(subject.title): \(name)")
                    cache.replace(try read(body, "\(subject.kind) \(name)"))
                }
            } catch {
                return done(error)
            }
            get(names.dropFirst())
        }
    }

    private func read(_ body: [UInt8], _ what: String) throws(DiscoveryFailure) -> Item {
        do {
            return try Item(document: body)
        } catch {
            throw DiscoveryFailure(.invalid, "\(what): \(error)")
        }
    }

    /// Lists all pages, and hands over the items of all of them at once.
    private func list<Listed>(
        accept: String, item: @escaping (inout JSONReader) throws(JSONError) -> Listed,
        done: @escaping ([Listed]) -> Void
    ) {
        page(1, after: nil, of: [], accept: accept, item: item, done: done)
    }

    private func page<Listed>(
        _ number: Int, after continuation: String?, of items: [Listed], accept: String,
        item: @escaping (inout JSONReader) throws(JSONError) -> Listed, done: @escaping ([Listed]) -> Void
    ) {
        var path = "\(subject.path)?labelSelector=\(subject.selector)&limit=\(pageSize)"
        // A page's token stands for the version of the first page.
        path += continuation.map { "&continue=\($0)" } ?? "&resourceVersion=0"
        client.get(path, of: subject.resource, accept: accept) { [unowned self] result in
            do throws(DiscoveryFailure) {
                let body = try result.get().good("\(subject.title): list")
                let page = try read(page: body, item: item)
                let all = items + page.items
                guard let next = page.continuation else { return done(all) }
                // Something between here and the server may answer each page with the first one.
                if number == ObjectListing.pageLimit {
                    throw DiscoveryFailure(.invalid, "\(subject.title): the list does not end")
                }
                self.page(number + 1, after: next, of: all, accept: accept, item: item, done: done)
            } catch {
                self.done(error)
            }
        }
    }

    private func read<Listed>(
        page body: [UInt8], item: (inout JSONReader) throws(JSONError) -> Listed
    ) throws(DiscoveryFailure) -> ListPage<Listed> {
        do {
            return try ListPage(document: body, item: item)
        } catch {
            throw DiscoveryFailure(.invalid, "\(subject.title): \(error)")
        }
    }
}
