/// A Kubernetes API server made of recordings, on a loopback address, in plain HTTP/1.1.
///
/// What it answers was sent by a real API server, or is cut and put together from such bytes; it makes up no object.
/// It can be told to fail in the ways that real ones fail. All methods may be called from any thread, at any time.
package final class RecordedAPI: Sendable {
    let state: Locked<APIState>
    private let listener: Listener

    /// - Parameter port: 0 lets the kernel choose.
    package init(host: String = "127.0.0.1", port: UInt16 = 0) throws {
        let state = Locked(APIState())
        self.state = state
        listener = try Listener(host: host, port: port) { APIConversation(connection: $0, state: state).run() }
    }

    deinit { stop() }

    package var address: SocketAddress { listener.address }
    package var url: String { "http://\(listener.address)" }

    /// Ends all connections and threads and gives the port back.
    package func stop() {
        listener.stop()
    }

    // MARK: - What it answers

    /// Answers for the Service of a recorded EndpointSliceList: the list with and without `labelSelector`, as
    /// `PartialObjectMetadataList`, in pages, and each slice by name.
    ///
    /// - Parameter path: Inside of `Tests/Recordings`: `5000/endpointslices-of-service.json`.
    package func serve(endpointSlices path: String) throws {
        let service = try ServedList(endpointSlices: Recording(path))
        if path.hasPrefix("5000/") {
            // What a real server sent compressed goes out just so.
            Gzip.remember(
                try Recording("5000/endpointslices-metadata-only-accept-gzip.bin").body,
                as: try Recording("5000/endpointslices-metadata-only.json").body)
        }
        state.with { $0.service = service }
    }

    /// Changes the served slices between two requests: `api.change { try $0.removeEndpoints(ofNode: "node-00001") }`.
    package func change(_ body: (inout ObjectList) throws -> Void) throws {
        try state.with { state in
            guard state.service != nil else { throw NothingServed() }
            try state.service?.change(body)
        }
    }

    /// The served slices as they are now.
    package var endpointSlices: ObjectList? { state.with { $0.service?.list } }

    /// Answers with a recording as it is, for the request that was recorded or for those of a route. The latest wins.
    package func serve(_ path: String, for route: Route? = nil) throws {
        let recording = try Recording(path)
        guard let route = route ?? Route(of: recording) else { throw NothingServed() }
        state.with { $0.routes.insert((route, recording.answer), at: 0) }
    }

    /// Gives pages even for `resourceVersion=0`, which a real server answers whole from its watch cache.
    package func givePagesOfCachedLists() {
        state.with { $0.service?.pagesCachedLists = true }
    }

    /// Forgets what tokens for further pages were given out for: they are answered 410.
    package func compact() {
        state.with { $0.service?.compact() }
    }

    /// From now on requests need this bearer token: another one is answered 401, none at all 403 (anonymous).
    package func require(token: String?) {
        state.with { $0.requiredToken = token }
    }

    /// There is no served list, or no recorded request that says when to give an answer.
    package struct NothingServed: Error {}

    // MARK: - How it fails

    /// Makes requests fail. Several calls make a sequence: each request takes the first order that it belongs to.
    ///
    /// - Parameters:
    ///   - count: How many requests; all until `heal()` when nil.
    ///   - matches: Which requests; all when nil. A `reset` of some waits for the request, one of all does not.
    package func fail(
        _ failure: Failure, next count: Int? = nil, where matches: (@Sendable (HTTPRequest) -> Bool)? = nil
    ) {
        state.with { $0.failures.add(failure, next: count, where: matches) }
    }

    /// Refuses connections, and ends those that there are, until `heal()`.
    package func refuse() {
        listener.refuse()
    }

    /// Ends the connections that there are; new ones are taken.
    package func hangUp() {
        listener.hangUp()
    }

    /// Takes all failures back. Requests that hang go on hanging.
    package func heal() throws {
        state.with { $0.failures.clear() }
        try listener.reopen()
    }

    // MARK: - What it was asked

    /// All requests so far, in the order they came.
    package var exchanges: [Exchange] { state.with { $0.exchanges } }

    /// Forgets the requests so far.
    package func forgetExchanges() {
        state.with { $0.exchanges = [] }
    }
}
