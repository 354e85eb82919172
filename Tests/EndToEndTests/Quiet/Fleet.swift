import Support

/// A DaemonSet of real exporters on loopback addresses, which find each other through a recorded API server and all probe
/// each other. The fleet plays the DaemonSet controller, the kubelets and the EndpointSlice controller, as the recordings of
/// a real rolling update have them (`Tests/Recordings/3-daemonset`).
///
/// Probes, discovery and goodbye have a tenth of their default times. So a rollout that takes a node after the other replaces
/// two pods between two looks, which alone would save nothing. The looks that confirm failures have their real times.
actor Fleet {
    struct Settings: Sendable {
        var nodes = 30
        /// How many pods each node has, one after the other.
        var podsPerNode = 2
        /// Of discovery.
        var interval = "6s"
        var drain = "1500ms"
        /// The timeout is long, and nothing here waits for it: what is gone refuses. Exporters that have to wait for one of
        /// two busy cores are not what these tests are about.
        var pace = "{interval: 1s, timeout: 10s}"
        /// Whether there is a mesh Service with a cluster IP.
        var hasService = false
        /// Whether there are Node objects, with addresses that a kubelet listens on.
        var hasNodes = false
    }

    let settings: Settings
    let nodes: [String]
    let api: RecordedAPI
    let proxy: ServiceProxy?
    private let kubelets: Kubelets?
    private let folder: TemporaryFolder
    let responderPort: FreePort
    private let webPort: FreePort
    /// Addresses that no pod has had.
    private var hosts: [String]
    /// What the EndpointSlice is to say, in its order.
    private var endpoints: [(pod: Pod, conditions: ObjectList.Conditions)] = []
    /// By the pods' UIDs; those that have ended, too.
    private var processes: [String: Running] = [:]
    /// By node, the pod that it has, or had last.
    private(set) var pods: [String: Pod] = [:]
    /// The last page that each exporter has shown, by the pods' UIDs.
    private var pages: [String: Page] = [:]

    static let slice = "heartmesh-headless-vdhgz"

    init(_ settings: Settings = Settings()) throws {
        self.settings = settings
        nodes = (0..<settings.nodes).map { "node-000\(20 + $0)" }
        hosts = LoopbackHosts.next(settings.nodes * settings.podsPerNode)
        responderPort = try FreePort(on: hosts)
        webPort = try FreePort(on: hosts)
        proxy = try settings.hasService ? ServiceProxy() : nil
        kubelets = try settings.hasNodes ? Kubelets(of: nodes) : nil
        api = try RecordedAPI()
        folder = try TemporaryFolder()
        try Fleet.serveObjects(on: api, port: responderPort.port, proxy: proxy)
        try kubelets?.serveNodes(on: api)
        try Fleet.writeFiles(settings, kubeletPort: kubelets?.port, server: api.url, in: folder)
    }

    deinit { for process in processes.values { process.stop() } }

    // MARK: What the API server says

    /// Changes what a pod's endpoint says; nil takes it out. The API server says so with the next `publish`.
    func set(_ conditions: ObjectList.Conditions?, _ pod: Pod) {
        let index = endpoints.firstIndex { $0.pod == pod }
        switch (index, conditions) {
        case (let index?, let conditions?): endpoints[index].conditions = conditions
        case (let index?, nil): endpoints.remove(at: index)
        case (nil, let conditions?): endpoints.append((pod, conditions))
        case (nil, nil): preconditionFailure("\(pod.name) has no endpoint")
        }
    }

    /// Tells the API server and kube-proxy what the endpoints are now.
    func publish() throws {
        let list = endpoints.map { pod, conditions in
            ObjectList.PodEndpoint(
                address: pod.host, conditions: conditions, pod: pod.name, uid: pod.uid, node: pod.node, zone: pod.zone)
        }
        try api.change { try $0.setEndpoints(list, of: Fleet.slice) }
        tellProxy()
    }

    /// Tells kube-proxy alone, which watches and is the first to know.
    func tellProxy() {
        proxy?.backends = endpoints.filter { $0.conditions == .ready }.map {
            SocketAddress($0.pod.host, responderPort.port)
        }
    }

    // MARK: Pods

    /// A new pod of a node, with an address and without a container. Its endpoint is not published yet.
    func create(_ node: String, host: String? = nil) -> Pod {
        let index = nodes.firstIndex(of: node) ?? 0
        let zone = ["lab-1a", "lab-1b", "lab-1c"][index % 3]
        let pod = Pod(node: node, zone: zone, host: host ?? hosts.removeFirst())
        pods[node] = pod
        set(.unready, pod)
        return pod
    }

    /// Starts its container.
    func run(_ pod: Pod) throws {
        processes[pod.uid] = try Running(
            heartmeshBinary(),
            [
                "run", "--config.file=\(folder.path)/heartmesh.yaml", "--kubeconfig=\(folder.path)/kubeconfig",
                "--node.name=\(pod.node)", "--web.listen-address=\(pod.host):\(webPort.port)",
                "--responder.listen-address=\(pod.host):\(responderPort.port)",
            ], environment: ["POD_UID": pod.uid])
    }

    /// The pod that a node has, or had last.
    func pod(of node: String) -> Pod {
        guard let pod = pods[node] else { preconditionFailure("no pod was created for \(node)") }
        return pod
    }

    func pods(of nodes: some Sequence<String>) -> [Pod] { nodes.map(pod(of:)) }

    func process(of pod: Pod) -> Running {
        guard let process = processes[pod.uid] else { preconditionFailure("\(pod.name) has not been started") }
        return process
    }

    var runningPods: [Pod] {
        pods.values.filter { processes[$0.uid].map { $0.exit == nil } ?? false }.sorted { $0.node < $1.node }
    }

    func get(_ path: String, of pod: Pod) async throws -> HTTPResponse {
        try await HTTPGet.fetch("http://\(pod.host):\(webPort.port)\(path)")
    }

    // MARK: What the exporters say

    @discardableResult
    func scrape(_ pod: Pod) async throws -> Scrape {
        let scrape = try Scrape(try await get("/metrics", of: pod).text)
        pages[pod.uid] = Page(pod: pod, scrape: scrape)
        return scrape
    }

    /// What the exporters have logged of failures that counted: also those that were counted when nobody could read the
    /// page any more. The log leaves lines out where there are many.
    var countedLines: [String] {
        processes.values.flatMap { $0.errorText.split(separator: "\n").filter { $0.contains(" counted=true ") } }
            .map(String.init)
    }

    /// The last page of every exporter that has run, or of some of them; of those that run a new one.
    func ledger(of chosen: [Pod]? = nil) async throws -> Ledger {
        for pod in runningPods where chosen?.contains(pod) ?? true { try await scrape(pod) }
        let pages = pages.values.filter { chosen?.contains($0.pod) ?? true }
        return Ledger(pages: pages.sorted { ($0.pod.node, $0.pod.uid) < ($1.pod.node, $1.pod.uid) })
    }
}
