internal import Mesh
package import Reactor

/// Finds the peers in the EndpointSlices of the headless peer Service, again for each interval.
///
/// The first look takes the whole list. Each later one takes the slices' versions only, a few KB compressed, and then the
/// slices that changed.
package final class KubernetesSource {
    package struct Settings: Sendable {
        package var namespace: String
        package var service: String
        package var interval = Duration.seconds(60)
        package var userAgent: String

        package init(namespace: String, service: String, userAgent: String) {
            self.namespace = namespace
            self.service = service
            self.userAgent = userAgent
        }
    }

    /// Full pages for the server's storage; its cache, which `resourceVersion=0` asks for, answers with all at once.
    private static let pageSize = 500

    private unowned let observer: any DiscoveryObserver
    private let server: APIServer
    private let settings: Settings
    private let loop: EventLoop
    private let fetch: Fetch
    private var alarm: Alarm!
    private var backoff: Backoff
    private var cache = SliceCache()
    /// Whether the cache holds everything of one moment: not before the first list, and not after a look that broke
    /// off halfway.
    private var isComplete = false
    private var authorization: String?
    /// The peers that were told last.
    private var known = Topology([])
    /// Whether the last answer missed more than half of them.
    private var hasShrunk = false

    /// - Parameter observer: Not owned; outlives the source.
    package init(
        _ server: APIServer, _ settings: Settings, on loop: EventLoop, transfers: Transfers,
        observer: any DiscoveryObserver
    ) {
        self.server = server
        self.settings = settings
        self.loop = loop
        self.observer = observer
        backoff = Backoff(first: .seconds(1), limit: settings.interval)
        fetch = Fetch(server, userAgent: settings.userAgent, transfers: transfers)
        alarm = loop.alarm { [unowned self] in look() }
    }

    deinit {
        loop.remove(alarm)
    }

    package func start() {
        alarm.deadline = .now()
    }

    // MARK: One look

    private func look() {
        do {
            authorization = try server.authorization()
        } catch {
            return failed(error)
        }
        if isComplete { listVersions() } else { listSlices() }
    }

    private func listSlices() {
        list(accept: "application/json", item: EndpointSlice.init) { [unowned self] slices in
            cache.replaceAll(with: slices)
            conclude()
        }
    }

    private func listVersions() {
        let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        list(accept: accept, item: ObjectVersion.init) { [unowned self] versions in
            switch cache.request(for: versions) {
            case .list: listSlices()
            case .slices(let names): get(names[...])
            }
        }
    }

    /// Gets the named slices one after the other; one that is gone by now is dropped.
    private func get(_ names: ArraySlice<String>) {
        guard let name = names.first else { return conclude() }
        // Until all have come, the cache is older in some parts than in others: a look that breaks off here must
        // not be taken for a whole one, but what has come need not come again.
        get("/\(name)", accept: "application/json") { [unowned self] answer in
            if answer.status == 404 {
                cache.remove(name)
            } else {
                guard let body = body(of: answer, name) else { return }
                do {
                    cache.replace(try EndpointSlice(document: body))
                } catch {
                    return failed(DiscoveryFailure(.invalid, "EndpointSlice \(name): \(error)"))
                }
            }
            get(names.dropFirst())
        }
    }

    private func conclude() {
        isComplete = true
        let (topology, invalid) = cache.peers()
        if let failure = suspicion(of: topology) { return failed(failure) }
        known = topology
        backoff.succeeded()
        alarm.deadline = loop.now + settings.interval * (0.9 + Double.random(in: 0..<0.2))
        observer.discovered(topology, invalid: invalid)
    }

    /// An answer that misses more than half of the peers is believed only when the next look says the same, and one
    /// without any peer never: this exporter itself is one.
    private func suspicion(of topology: Topology) -> DiscoveryFailure? {
        let shrunk = topology.peers.count * 2 < known.peers.count
        defer { hasShrunk = shrunk }
        guard shrunk, !hasShrunk || topology.peers.isEmpty else { return nil }
        return DiscoveryFailure(
            .shrunk,
            "EndpointSlices of \(settings.service): \(topology.peers.count) peers instead of "
                + "\(known.peers.count): keeping those until the next look")
    }

    private func failed(_ failure: DiscoveryFailure) {
        let wait = backoff.failed(retryAfter: failure.retryAfter, random: .random(in: 0..<1))
        alarm.deadline = loop.now + wait
        observer.discoveryFailed(failure)
    }

    // MARK: Requests

    /// Lists all pages, and hands over the items of all of them at once.
    private func list<Item>(
        accept: String, item: @escaping (inout JSONReader) throws(JSONError) -> Item, done: @escaping ([Item]) -> Void
    ) {
        page(after: nil, of: [], accept: accept, item: item, done: done)
    }

    private func page<Item>(
        after continuation: String?, of items: [Item], accept: String,
        item: @escaping (inout JSONReader) throws(JSONError) -> Item, done: @escaping ([Item]) -> Void
    ) {
        var query =
            "?labelSelector=kubernetes.io%2Fservice-name%3D\(settings.service)&limit=\(KubernetesSource.pageSize)"
        // A page's token stands for the version of the first page.
        query += continuation.map { "&continue=\($0)" } ?? "&resourceVersion=0"
        get(query, accept: accept) { [unowned self] answer in
            guard let body = body(of: answer, "list") else { return }
            do {
                let page = try ListPage(document: body, item: item)
                let all = items + page.items
                guard let next = page.continuation else { return done(all) }
                self.page(after: next, of: all, accept: accept, item: item, done: done)
            } catch {
                failed(DiscoveryFailure(.invalid, "EndpointSlices of \(settings.service): \(error)"))
            }
        }
    }

    private func get(_ rest: String, accept: String, done: @escaping (Fetch.Answer) -> Void) {
        let path = "/apis/discovery.k8s.io/v1/namespaces/\(settings.namespace)/endpointslices\(rest)"
        fetch.get(path, accept: accept, authorization: authorization) { [unowned self] result in
            switch result {
            case .success(let answer):
                observer.discoveryReceived(bytes: answer.wireBytes)
                done(answer)
            case .failure(let failure):
                failed(DiscoveryFailure(failure, of: "GET \(server.url)\(path)"))
            }
        }
    }

    /// The body of a good answer; nil after it has told of a bad one.
    private func body(of answer: Fetch.Answer, _ what: String) -> [UInt8]? {
        if answer.status == 200 { return answer.body }
        failed(
            DiscoveryFailure(
                status: answer.status, of: "EndpointSlices of \(settings.service): \(what)",
                message: statusMessage(answer.body), retryAfter: answer.retryAfter))
        return nil
    }
}

/// What the API server says of an error: the message of its Status object, or else the start of its plain text.
func statusMessage(_ body: [UInt8]) -> String {
    var message: String?
    var reader = JSONReader(body)
    try? reader.object { (reader, key) throws(JSONError) in
        if key == "message" { message = try reader.string() } else { try reader.skip() }
    }
    return message ?? String(decoding: body.prefix(200), as: UTF8.self).filter { !$0.isNewline }
}
