import Mesh
import Reactor
import Support

@testable import Discovery

/// A Kubernetes source on a loop of its own, which turns only while a test waits for it: between two waits no request
/// is under way.
final class Watch {
    let loop: EventLoop
    let transfers: Transfers
    let witness = Witness()
    private(set) var source: KubernetesSource?

    /// - Parameters:
    ///   - resolver: Looks up names; nil: as the system does.
    ///   - cache: The folder of the topology that is kept, and the mesh; nil: it is not kept.
    ///   - change: The interval is 20 ms, and nothing is wanted beside the peers, unless this says otherwise.
    init(
        _ server: APIServer, service: String = "heartmesh", resolver: (any NameResolver)? = nil,
        cache: (folder: String, mesh: String)? = nil, _ change: (inout KubernetesSource.Settings) -> Void = { _ in }
    ) throws {
        loop = try EventLoop()
        transfers = Transfers(on: loop)
        (resolver as? Resolver)?.use(loop)
        var settings = KubernetesSource.Settings(
            namespace: "heartmesh", service: service, node: "node-00000", userAgent: "heartmesh/1.2.3")
        settings.interval = .milliseconds(20)
        settings.resources = []
        settings.probesAPIServer = false
        change(&settings)
        let kept = try cache.map {
            let origin = TopologyDocument.Origin(
                mesh: $0.mesh, namespace: settings.namespace, service: service, node: settings.node)
            return try TopologyCache(folder: $0.folder, origin, pause: .milliseconds(20), on: loop)
        }
        source = KubernetesSource(
            server, settings, cache: kept, on: loop, transfers: transfers, resolver: resolver, observer: witness)
        source?.start()
    }

    convenience init(
        _ api: RecordedAPI, service: String = "heartmesh", resolver: (any NameResolver)? = nil,
        cache: (folder: String, mesh: String)? = nil, _ change: (inout KubernetesSource.Settings) -> Void = { _ in }
    ) throws {
        try self.init(APIServer(url: api.url), service: service, resolver: resolver, cache: cache, change)
    }

    /// Waits for what a look comes to.
    @discardableResult
    func next() throws -> Witness.Told {
        let count = witness.told.count
        try loop.turn(until: "the source tells something") { witness.told.count > count }
        return witness.told[count]
    }

    func releaseSource() {
        source = nil
    }
}

extension RecordedAPI {
    convenience init(serving path: String) throws {
        try self.init()
        try serve(endpointSlices: path)
    }

    /// The topology of what is served now.
    func topology() throws -> Topology {
        guard let list = endpointSlices else { throw TooLate(description: "nothing is served") }
        return SliceCache(try slices(list.document())).peers().topology
    }

    /// Of the requests so far: `list`, `versions` or the name of a slice.
    var asked: [String] {
        exchanges.map { exchange in
            let name = exchange.request.path.split(separator: "/").last.map(String.init) ?? ""
            guard name == "endpointslices" else { return name }
            return exchange.request.isForVersions ? "versions" : "list"
        }
    }
}

extension HTTPRequest {
    var isForVersions: Bool { headers["Accept"]?.contains("PartialObjectMetadataList") ?? false }
}
