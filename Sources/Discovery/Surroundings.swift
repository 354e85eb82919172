internal import Mesh
internal import Reactor

/// What leads to the peers beside their pods' addresses: Services and Ingresses, the nodes and the secondary interfaces
/// of those peers that are watched.
///
/// It looks on its own account, so that nothing in here delays or spoils what is known of the peers. Each resource that
/// fails waits by itself and keeps what is known of it.
final class Surroundings {
    /// All of it, at one time.
    struct Snapshot: Equatable {
        var services: [Service] = []
        /// By the nodes' names.
        var nodes: [String: NodeObject] = [:]
        var networks: [PodReference: [NetworkAddress]] = [:]
    }

    private unowned let observer: any DiscoveryObserver
    private let settings: KubernetesSource.Settings
    private let loop: EventLoop
    private let client: APIClient
    private let traffic: () -> Int
    private let changed: () -> Void
    private let services: ObjectListing<ServiceObject>
    private let ingresses: ObjectListing<IngressObject>
    private let nodes: ObjectReader<NodeObject>
    private let pods: ObjectReader<PodObject>
    private var names: Names!
    private var alarm: Alarm!
    private var allowance: Allowance
    /// When all is due again; never before the start.
    private var nextLook = Instant.never
    /// What a look under way has still to do; nil when there is none.
    private var pending: [DiscoveryResource]?
    private var mayRefresh = false
    private var retries: Retries
    /// What failed when it was last asked for.
    private var failing: Set<DiscoveryResource> = []
    private let apiServices: [NamedService]
    private var listedServices: [NamedService] = []
    private var listedIngresses: [NamedService] = []
    /// The nodes whose objects are wanted, and the pods that run there.
    private var wanted: [String: PodReference] = [:]
    private(set) var snapshot = Snapshot()

    /// In this order: what is known first is told first, should the rest fail.
    private static let order: [DiscoveryResource] = [.services, .ingresses, .nodes, .pods]

    /// - Parameters:
    ///   - traffic: The bytes that other requests to the same server have cost so far.
    ///   - observer: Not owned; outlives this object.
    ///   - changed: Called when the snapshot is another one.
    init(
        _ server: APIServer, _ settings: KubernetesSource.Settings, on loop: EventLoop, transfers: Transfers,
        resolver: (any NameResolver)?, observer: any DiscoveryObserver, traffic: @escaping () -> Int,
        changed: @escaping () -> Void
    ) {
        self.observer = observer
        self.settings = settings
        self.loop = loop
        self.traffic = traffic
        self.changed = changed
        allowance = Allowance(bytesPerLook: settings.bytesPerLook)
        retries = Retries(limit: settings.interval)
        client = APIClient(
            server, userAgent: settings.userAgent, timeout: settings.timeout, transfers: transfers, observer: observer)
        services = ObjectListing(.services(in: settings.namespace), pageSize: settings.pageSize, client: client)
        ingresses = ObjectListing(.ingresses(in: settings.namespace), pageSize: settings.pageSize, client: client)
        nodes = ObjectReader(.nodes, client: client)
        pods = ObjectReader(.pods(in: settings.namespace), client: client)
        apiServices = settings.probesAPIServer ? server.services : []
        names = Names(every: settings.interval, on: loop, resolver: resolver, observer: observer) {
            [unowned self] in publish()
        }
        alarm = loop.alarm { [unowned self] in look() }
    }

    deinit {
        loop.remove(alarm)
        client.cancel()
    }

    /// Looks for the first time, and from then on again for each interval.
    func start() {
        guard nextLook == .never else { return }
        nextLook = .now()
        alarm.deadline = nextLook
    }

    /// Until the first look has come to its end, this is what is known.
    func restore(_ topology: Topology) {
        snapshot.services = topology.services
        for peer in topology.peers where !peer.nodeAddresses.isEmpty {
            snapshot.nodes[peer.node] = NodeObject(zone: peer.zone, addresses: peer.nodeAddresses)
        }
    }

    /// - Parameter wanted: The nodes whose Node and Pod are wanted, and the pods that run there. What is not known of them
    ///   is read at once, or at the end of the look that is under way.
    func want(_ wanted: [String: PodReference]) {
        if wanted == self.wanted { return }
        self.wanted = wanted
        if settings.resources.contains(.nodes) { nodes.objects.want(wanted) }
        wantPods()
        if pending == nil, nextLook != .never, !missing.isEmpty { alarm.deadline = .now() }
    }

    /// Without a secondary interface of its own this node can reach nobody else's.
    private func wantPods() {
        guard settings.resources.contains(.pods) else { return }
        let hasNetworks = pods.objects[settings.node]?.networks.isEmpty == false
        pods.objects.want(wanted.filter { !$0.value.name.isEmpty && (hasNetworks || $0.key == settings.node) })
    }

    // MARK: One look

    /// The resources of which something is not known that is wanted, without those that have to wait.
    private var missing: [DiscoveryResource] {
        var missing: [DiscoveryResource] = []
        if !nodes.objects.missing.isEmpty { missing.append(.nodes) }
        if !pods.objects.missing.isEmpty { missing.append(.pods) }
        return missing.filter { !retries.hasToWait($0, at: loop.now) }
    }

    private func look() {
        var due = Surroundings.order.filter(settings.resources.contains)
        mayRefresh = loop.now >= nextLook
        if mayRefresh {
            nextLook = loop.now + settings.interval * (0.9 + Double.random(in: 0..<0.2))
            allowance.begin(traffic() + client.traffic)
        } else {
            let missing = self.missing
            due = due.filter { retries.isDue($0) || missing.contains($0) }
        }
        pending = due.filter { !retries.hasToWait($0, at: loop.now) }
        do {
            try client.authorize()
            next()
        } catch {
            if let first = pending?.first { fail(first, error) }
            finish()
        }
    }

    private func next() {
        guard let resource = pending?.first else { return finish() }
        pending?.removeFirst()
        switch resource {
        case .services:
            services.look { [unowned self] failure in
                if let failure { return conclude(.services, failure) }
                let found = services.cache.sorted.map { $0.service() }
                listedServices = found.compactMap(\.service)
                conclude(.services, nil, invalid: found.flatMap(\.invalid))
            }
        case .ingresses:
            ingresses.look { [unowned self] failure in
                if let failure { return conclude(.ingresses, failure) }
                let found = ingresses.cache.sorted.map { $0.services() }
                listedIngresses = found.flatMap(\.services)
                conclude(.ingresses, nil, invalid: found.flatMap(\.invalid))
            }
        case .nodes:
            nodes.read(mayRefresh: leave(.nodes)) { [unowned self] in
                conclude(.nodes, $0, invalid: nodes.objects.invalid)
            }
        case .pods:
            pods.read(mayRefresh: leave(.pods)) { [unowned self] in
                wantPods()
                conclude(.pods, $0, invalid: pods.objects.invalid)
            }
        case .endpointslices, .names, .probeNames, .file: preconditionFailure("\(resource) is not looked for here")
        }
    }

    /// Whether an object that is known may be read again. After a failure it has to be: nothing else would tell that the
    /// failure is over.
    private func leave(_ resource: DiscoveryResource) -> Bool {
        failing.contains(resource) || mayRefresh && allowance.asksLeave(traffic() + client.traffic)
    }

    private func conclude(_ resource: DiscoveryResource, _ failure: DiscoveryFailure?, invalid: [String] = []) {
        if let failure {
            fail(resource, failure)
        } else {
            retries.succeeded(resource)
            failing.remove(resource)
            observer.discoverySucceeded(resource, invalid: invalid)
        }
        next()
    }

    private func fail(_ resource: DiscoveryResource, _ failure: DiscoveryFailure) {
        failing.insert(resource)
        // The next request would wait for the same time-out.
        let others = failure.isUnreachable ? Surroundings.order.filter(settings.resources.contains) : []
        retries.failed(
            resource, retryAfter: failure.retryAfter, others: others, at: loop.now, random: .random(in: 0..<1))
        if failure.isUnreachable { pending = [] }
        observer.discoveryFailed(resource, failure)
    }

    private func finish() {
        // What came to be wanted meanwhile is told together with the rest.
        let missing = self.missing
        if !missing.isEmpty {
            mayRefresh = false
            pending = missing
            return next()
        }
        pending = nil
        alarm.deadline = min(nextLook, retries.next)
        publish()
    }

    /// Tells what has changed, when all names in it are looked up.
    private func publish() {
        let all = (listedServices + listedIngresses + apiServices).merged()
        names.want(Set(all.flatMap(\.names)))
        if pending != nil || names.hasUnknown { return }
        var new = Snapshot(services: all.compactMap { $0.resolved { names[$0] } })
        for (node, pod) in wanted {
            new.nodes[node] = nodes.objects[node]
            new.networks[pod] = pods.objects.current(node)?.networks
        }
        if new == snapshot { return }
        snapshot = new
        changed()
    }
}
