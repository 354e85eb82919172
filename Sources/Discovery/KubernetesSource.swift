internal import Mesh
package import Reactor

/// Finds the mesh in the Kubernetes API, again for each interval: the peers in the EndpointSlices of the headless peer
/// Service, and what `Surroundings` finds beside them.
package final class KubernetesSource {
    unowned let observer: any DiscoveryObserver
    let settings: Settings
    let loop: EventLoop
    private let client: APIClient
    private let slices: ObjectListing<EndpointSlice>
    private(set) var surroundings: Surroundings!
    let cache: TopologyCache?
    /// On from the start until the cache has been read or is not needed any more.
    private(set) var restoreAlarm: Alarm!
    /// Off before the start, and while a look is under way.
    private(set) var alarm: Alarm!
    private(set) var backoff: Backoff
    private(set) var lastLook: Instant?
    var confirmations: Confirmations
    private(set) var confirmationAlarm: Alarm!
    /// The peers that are believed, and the slices that they stand in.
    private var known = PeerList()
    private var knownSlices: [String: EndpointSlice] = [:]
    /// How many peers the last answer had, where it was not believed.
    private var suspected: Int?
    private var watched: [String] = []
    var told: Topology?

    /// - Parameters:
    ///   - cache: Where the topology is kept; nil: nowhere.
    ///   - observer: Not owned; outlives the source.
    package convenience init(
        _ server: APIServer, _ settings: Settings, cache: TopologyCache? = nil, on loop: EventLoop,
        transfers: Transfers, observer: any DiscoveryObserver
    ) {
        self.init(server, settings, cache: cache, on: loop, transfers: transfers, resolver: nil, observer: observer)
    }

    /// - Parameter resolver: Looks up names; nil: as the system does.
    init(
        _ server: APIServer, _ settings: Settings, cache: TopologyCache? = nil, on loop: EventLoop,
        transfers: Transfers, resolver: (any NameResolver)?, observer: any DiscoveryObserver
    ) {
        self.loop = loop
        self.observer = observer
        self.settings = settings
        self.cache = cache
        backoff = Backoff(first: .seconds(1), limit: settings.interval)
        confirmations = Confirmations(patience: settings.confirmPatience, perMinute: settings.confirmsPerMinute)
        let client = APIClient(
            server, userAgent: settings.userAgent, timeout: settings.timeout, transfers: transfers, observer: observer)
        self.client = client
        slices = ObjectListing(
            .slices(of: settings.service, in: settings.namespace), pageSize: settings.pageSize, client: client)
        surroundings = Surroundings(
            server, settings, on: loop, transfers: transfers, resolver: resolver, observer: observer,
            traffic: { [unowned client] in client.traffic }, changed: { [unowned self] in tell() })
        alarm = loop.alarm { [unowned self] in look() }
        confirmationAlarm = loop.alarm { [unowned self] in giveUpConfirmations() }
        restoreAlarm = loop.alarm { [unowned self] in restore() }
        cache?.onFailure = { [unowned self] in self.observer.discoveryCacheFailed($0) }
    }

    deinit {
        loop.remove(alarm)
        loop.remove(confirmationAlarm)
        loop.remove(restoreAlarm)
        cache?.onFailure = { _ in }
        client.cancel()
    }

    package func start() {
        alarm.deadline = .now()
        if cache != nil { restoreAlarm.deadline = .now() + settings.restorePatience }
    }

    /// Brings the next look for the peers forward, because one fails that did not before: perhaps it is gone or has moved.
    /// Not sooner than ten seconds after the last look; while one is under way or has failed, nothing changes.
    package func lookSoon() {
        guard alarm.deadline != .never, backoff.failures == 0, let lastLook else { return }
        alarm.deadline = min(alarm.deadline, max(.now(), lastLook + settings.leastPause))
    }

    /// - Parameter nodes: Those whose Node and Pod are wanted; this node's own are in any case.
    package func watch(_ nodes: [String]) {
        if nodes == watched { return }
        watched = nodes
        wantSurroundings()
    }

    // MARK: One look

    private func look() {
        lastLook = loop.now
        confirmations.begin()
        do {
            try client.authorize()
        } catch {
            return failed(error)
        }
        slices.look { [unowned self] failure in
            if let failure { failed(failure) } else { conclude() }
        }
    }

    private func conclude() {
        // Nearly every look finds nothing new, and a topology of 5,000 peers takes milliseconds to put together.
        if known.topology.peers.isEmpty || slices.cache.objects != knownSlices {
            let peers = slices.cache.peers()
            if let failure = suspicion(of: peers) { return failed(failure) }
            known = peers
            knownSlices = slices.cache.objects
            wantSurroundings()
            tell()
        } else {
            suspected = nil
        }
        restoreAlarm.cancel()
        backoff.succeeded()
        alarm.deadline = loop.now + settings.interval * (0.9 + Double.random(in: 0..<0.2))
        lookForConfirmations()
        surroundings.start()
        observer.discoverySucceeded(.endpointslices, invalid: known.invalid)
        answer(confirmations.takeAnswered(), true)
    }

    /// An answer that misses more than half of the peers is believed only when the next look says so too, and one
    /// without any peer never: this exporter itself is one.
    private func suspicion(of peers: PeerList) -> DiscoveryFailure? {
        let count = peers.topology.peers.count
        let before = known.topology.peers.count
        let isShrunk = count == 0 || count * 2 < before
        let isRepeated = suspected.map { count > 0 && count * 2 >= $0 } ?? false
        suspected = isShrunk && count > 0 ? count : nil
        if !isShrunk || isRepeated { return nil }
        let text = "EndpointSlices of \(settings.service): \(count) peers instead of \(before)"
        return DiscoveryFailure(.shrunk, ([text] + peers.invalid.prefix(1)).joined(separator: "; "))
    }

    private func failed(_ failure: DiscoveryFailure) {
        let wait = backoff.failed(retryAfter: failure.retryAfter, random: .random(in: 0..<1))
        alarm.deadline = loop.now + wait
        observer.discoveryFailed(.endpointslices, failure)
        answer(confirmations.takeAll(), false)
        if restoreAlarm.deadline != .never { restore() }
    }

    // MARK: The whole

    private func wantSurroundings() {
        var wanted: [String: PodReference] = [:]
        for node in watched + [settings.node] where known.topology[node] != nil {
            wanted[node] = known.pods[node] ?? .unknown
        }
        surroundings.want(wanted)
    }

    /// Tells the topology if it is another one.
    private func tell() {
        let found = surroundings.snapshot
        let topology = Topology(
            known.topology.peers.map { $0.with(found, known.pods[$0.node]) }, services: found.services)
        if topology == told { return }
        told = topology
        cache?.keep(topology)
        observer.discovered(topology)
    }
}

extension Peer {
    /// With what is known of its node and its pod: an earlier pod's interfaces are not this one's.
    fileprivate func with(_ found: Surroundings.Snapshot, _ pod: PodReference?) -> Peer {
        let object = found.nodes[node]
        let networks = pod.flatMap { found.networks[$0] } ?? []
        if object == nil, networks.isEmpty { return self }
        return Peer(
            node: node, zone: zone.isEmpty ? object?.zone ?? "" : zone, addresses: addresses, port: port, state: state,
            nodeAddresses: object?.addresses ?? [], networks: networks, pod: self.pod)
    }
}
