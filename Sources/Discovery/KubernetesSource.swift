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
        /// For each request.
        var timeout = Duration.seconds(10)
        /// Between two looks, when a failing peer asks for one: with 16 watchers a node that dies costs the API server 16
        /// lists of versions.
        var leastPause = Duration.seconds(10)
        /// For the server's storage; its cache, which `resourceVersion=0` asks for, answers with all slices at once.
        var pageSize = 500

        package init(namespace: String, service: String, userAgent: String) {
            self.namespace = namespace
            self.service = service
            self.userAgent = userAgent
        }
    }

    /// A list that goes on after so many pages does not end: 50,000 slices would hold five million endpoints.
    private static let pageLimit = 100

    private unowned let observer: any DiscoveryObserver
    private let server: APIServer
    private let settings: Settings
    private let loop: EventLoop
    private let fetch: Fetch
    private var alarm: Alarm!
    private var backoff: Backoff
    private var cache = SliceCache()
    /// Whether the whole list has come once.
    private var hasList = false
    private var authorization: String?
    private var lastLook: Instant?
    /// The peers that were told last, and the slices that they stand in.
    private var known = Topology([])
    private var knownSlices: [String: EndpointSlice] = [:]
    /// How many peers the last answer had, where it was not believed.
    private var suspected: Int?

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
        fetch = Fetch(server, userAgent: settings.userAgent, timeout: settings.timeout, transfers: transfers)
        alarm = loop.alarm { [unowned self] in look() }
    }

    deinit {
        loop.remove(alarm)
        fetch.cancel()
    }

    package func start() {
        alarm.deadline = .now()
    }

    /// Brings the next look forward, because a peer fails that did not before: perhaps it is gone or has moved. Not sooner
    /// than ten seconds after the last look; while one is under way or has failed, nothing changes.
    package func lookSoon() {
        guard alarm.deadline != .never, backoff.failures == 0, let lastLook else { return }
        alarm.deadline = min(alarm.deadline, max(.now(), lastLook + settings.leastPause))
    }

    // MARK: One look

    private func look() {
        lastLook = loop.now
        do {
            authorization = try server.authorization()
        } catch {
            return failed(error)
        }
        if hasList { listVersions() } else { listSlices() }
    }

    private func listSlices() {
        list(accept: "application/json", item: EndpointSlice.init) { [unowned self] slices in
            cache.replaceAll(with: slices)
            hasList = true
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
    ///
    /// A look that breaks off halfway tells of no peers, and leaves a cache that is newer in some parts than in others:
    /// what has come need not come again.
    private func get(_ names: ArraySlice<String>) {
        guard let name = names.first else { return conclude() }
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
        // Nearly every look finds nothing new, and a topology of 5,000 peers takes milliseconds to put together.
        if !known.peers.isEmpty, cache.slices == knownSlices {
            suspected = nil
            succeeded()
            return observer.discoveryConfirmed()
        }
        let (topology, invalid) = cache.peers()
        if let failure = suspicion(of: topology, invalid) { return failed(failure) }
        known = topology
        knownSlices = cache.slices
        succeeded()
        observer.discovered(topology, invalid: invalid)
    }

    /// An answer that misses more than half of the peers is believed only when the next look says so too, and one
    /// without any peer never: this exporter itself is one.
    private func suspicion(of topology: Topology, _ invalid: [String]) -> DiscoveryFailure? {
        let count = topology.peers.count
        let isShrunk = count == 0 || count * 2 < known.peers.count
        let isRepeated = suspected.map { count > 0 && count * 2 >= $0 } ?? false
        suspected = isShrunk && count > 0 ? count : nil
        if !isShrunk || isRepeated { return nil }
        let text = "EndpointSlices of \(settings.service): \(count) peers instead of \(known.peers.count)"
        return DiscoveryFailure(.shrunk, ([text] + invalid.prefix(1)).joined(separator: "; "))
    }

    private func succeeded() {
        backoff.succeeded()
        alarm.deadline = loop.now + settings.interval * (0.9 + Double.random(in: 0..<0.2))
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
        page(1, after: nil, of: [], accept: accept, item: item, done: done)
    }

    private func page<Item>(
        _ number: Int, after continuation: String?, of items: [Item], accept: String,
        item: @escaping (inout JSONReader) throws(JSONError) -> Item, done: @escaping ([Item]) -> Void
    ) {
        var query =
            "?labelSelector=kubernetes.io%2Fservice-name%3D\(settings.service)&limit=\(settings.pageSize)"
        // A page's token stands for the version of the first page.
        query += continuation.map { "&continue=\($0)" } ?? "&resourceVersion=0"
        get(query, accept: accept) { [unowned self] answer in
            guard let body = body(of: answer, "list") else { return }
            do {
                let page = try ListPage(document: body, item: item)
                let all = items + page.items
                guard let next = page.continuation else { return done(all) }
                // Something between here and the server may answer each page with the first one.
                if number == KubernetesSource.pageLimit { throw JSONError("the list does not end", at: 0) }
                self.page(number + 1, after: next, of: all, accept: accept, item: item, done: done)
            } catch {
                failed(DiscoveryFailure(.invalid, "EndpointSlices of \(settings.service): \(error)"))
            }
        }
    }

    private func get(_ rest: String, accept: String, done: @escaping (Fetch.Answer) -> Void) {
        let path = "/apis/discovery.k8s.io/v1/namespaces/\(settings.namespace)/endpointslices\(rest)"
        fetch.get(path, accept: accept, authorization: authorization) { [unowned self] result in
            observer.discoveryReceived(bytes: fetch.wireBytes)
            switch result {
            case .success(let answer):
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

/// What the API server says of an error: the message of its Status object, or else its plain text; the start of it, on
/// one line.
func statusMessage(_ body: [UInt8]) -> String {
    var message: String?
    var reader = JSONReader(body)
    try? reader.object { (reader, key) throws(JSONError) in
        if key == "message" { message = try reader.string() } else { try reader.skip() }
    }
    let text = message ?? String(decoding: body.prefix(1000), as: UTF8.self)
    return text.prefix(200).split(whereSeparator: \.isNewline).joined(separator: " ")
}
