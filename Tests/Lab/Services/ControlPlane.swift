import Support

/// The API server of the lab: recorded objects, cut to the lab's nodes, behind nginx for TLS.
final class ControlPlane: Sendable {
    /// The plain server, inside of the namespace; tests change objects here while the cluster runs. What opens sockets,
    /// as `heal()` may, must run inside: `namespace.runBlocking { try api.heal() }`.
    let api: RecordedAPI
    let namespace: NetworkNamespace
    private let front: Nginx

    init(in namespace: NetworkNamespace, _ folder: Folder) throws {
        self.namespace = namespace
        let api = try namespace.runBlocking { try RecordedAPI(host: "127.0.0.1") }
        self.api = api
        front = try Nginx(
            "control-plane",
            http: """
                server {
                listen \(Site.controlPlane):\(Site.controlPlanePort) ssl;
                ssl_certificate api.crt;
                ssl_certificate_key api.key;
                location / { proxy_pass \(api.url); proxy_http_version 1.1; proxy_buffering off; }
                }
                """, listening: SocketAddress(Site.controlPlane, Site.controlPlanePort), in: namespace, folder)
        try api.serve(endpointSlices: "100/list/endpointslices-namespace.json")
        try api.change { slices in
            try slices.keep { ["heartmesh", "heartmesh-headless"].contains($0.labels["kubernetes.io/service-name"]) }
            try slices.keepEndpoints(ofNodes: Set(Node.all.map(\.recordedName)))
            for node in Node.all {
                try slices.changeEndpoints(ofNode: node.recordedName) { endpoint in
                    var text = String(decoding: endpoint, as: UTF8.self)
                    for (old, new) in names(of: node) { text = text.replacing(old, with: new) }
                    return Array(text.utf8)
                }
            }
        }
        try api.serve(list: "100/list/nodes.json") { nodes in
            try nodes.keep { object in Node.all.contains { $0.recordedName == object.name } }
            for node in Node.all { try rename(node, object: node.recordedName, in: &nodes) }
        }
        try api.serve(list: "100/list/pods-selected.json") { pods in
            try pods.keep { object in Node.all.contains { "heartmesh-\($0.recordedNumber)" == object.name } }
            for node in Node.all { try rename(node, object: "heartmesh-\(node.recordedNumber)", in: &pods) }
        }
        try api.serve(list: "100/list/services-selected.json") { services in
            let kinds = ["", "-headless", "-lb", "-lb-hostname", "-lb-pending", "-nodeport", "-v6"]
            try services.keep { service in kinds.contains { "heartmesh\($0)" == service.name } }
            try services.add(
                like: "heartmesh",
                replacing: [
                    (#""name":"heartmesh","namespace""#, #""name":"heartmesh-hairpin","namespace""#),
                    (#""internalTrafficPolicy":"Cluster""#, #""internalTrafficPolicy":"Local""#),
                    ("10.96.47.6", "10.96.47.7"), ("fd00:96::4de0", "fd00:96::4de1"),
                ])
        }
        try api.serve(list: "100/list/ingresses.json")
        try api.serve("100/meta/livez.txt")
        try api.serve("3/get/service-kubernetes.json")
        try api.serve("3/list/endpointslices-kubernetes.json")
    }

    func start() async throws { try await front.start() }

    func stop() {
        front.stop()
        api.stop()
    }

    /// The Services that the proxies make rules for.
    func services() throws -> [ServiceDocument] {
        try api.list("services").map(ServiceDocument.all(in:)) ?? []
    }

    /// What stands behind the name that one of the Services has in the place of addresses.
    func balancer() throws -> Balancer {
        let service = try services().first { $0.metadata.name == Path.outsideBalancer }
        guard let port = service?.port?.nodePort else { preconditionFailure("\(Path.outsideBalancer) has a node port") }
        return Balancer(nodePort: port)
    }
}

/// What makes the recorded node's objects those of the lab's node.
private func names(of node: Node) -> [(String, String)] {
    [
        (node.recordedName, node.name), ("heartmesh-\(node.recordedNumber)", "heartmesh-\(node.letter)"),
        ("lab-1a", node.zone),
    ]
}

private func rename(_ node: Node, object: String, in list: inout ObjectList) throws {
    try list.edit(object) { bytes in
        var text = String(decoding: bytes, as: UTF8.self)
        for (old, new) in names(of: node) { text = text.replacing(old, with: new) }
        bytes = Array(text.utf8)
    }
}
