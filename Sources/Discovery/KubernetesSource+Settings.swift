internal import Documents

extension KubernetesSource {
    package struct Settings: Sendable {
        package var namespace: String
        package var service: String
        /// This node's own name.
        package var node: String
        package var interval = Duration.seconds(60)
        package var userAgent: String
        /// What is wanted beside the peers.
        package var resources: Set<DiscoveryResource> = [.services, .ingresses, .nodes, .pods]
        /// Whether the ways to the API server are services of the mesh.
        package var probesAPIServer = true
        /// For each request.
        var timeout = Duration.seconds(10)
        /// Between two looks, when a failing peer asks for one: with 16 watchers a node that dies costs the API server 16
        /// lists of versions.
        var leastPause = Duration.seconds(10)
        /// Between two looks, when one is asked to confirm that a failing peer is still there.
        var confirmPause = Duration.seconds(1)
        /// How long one who asks for that waits at most.
        var confirmPatience = Duration.seconds(2)
        /// With 2 % loss everywhere each exporter would ask all the time.
        var confirmsPerMinute = 30
        /// How long the first answer is waited for until what is kept on disk has to do.
        var restorePatience = Duration.seconds(5)
        /// For the server's storage; its cache, which `resourceVersion=0` asks for, answers with all objects at once.
        var pageSize = 500
        /// For all requests of one look, in both directions, as far as it can be chosen: with an interval of a minute, and
        /// the shortest one that the jitter makes of it, less than 30 KB a minute.
        var bytesPerLook = 26_000

        package init(namespace: String, service: String, node: String, userAgent: String) {
            self.namespace = namespace
            self.service = service
            self.node = node
            self.userAgent = userAgent
        }
    }
}

/// The objects that there are to look for, and where they are.
extension ObjectListing<EndpointSlice>.Subject {
    static func slices(of service: String, in namespace: String) -> Self {
        Self(
            resource: .endpointslices, kind: "EndpointSlice", title: "EndpointSlices of \(service)",
            path: "/apis/discovery.k8s.io/v1/namespaces/\(namespace)/endpointslices",
            selector: "kubernetes.io%2Fservice-name%3D\(service)")
    }
}

private let ownSelector = "app.kubernetes.io%2Fname%3Dheartmesh"

extension ObjectListing<ServiceObject>.Subject {
    static func services(in namespace: String) -> Self {
        Self(
            resource: .services, kind: "Service", title: "Services", path: "/api/v1/namespaces/\(namespace)/services",
            selector: ownSelector)
    }
}

extension ObjectListing<IngressObject>.Subject {
    static func ingresses(in namespace: String) -> Self {
        Self(
            resource: .ingresses, kind: "Ingress", title: "Ingresses",
            path: "/apis/networking.k8s.io/v1/namespaces/\(namespace)/ingresses", selector: ownSelector)
    }
}

extension ObjectReader<NodeObject>.Subject {
    static var nodes: Self {
        Self(
            resource: .nodes, kind: "Node", name: { node, _ in node }, path: "/api/v1/nodes",
            decode: { document throws(JSONError) in
                let node = try NodeObject(document: document)
                let texts = node.otherAddresses.map { "\"\($0)\"" }.joined(separator: ", ")
                return (node, texts.isEmpty ? nil : "not an address: \(texts)")
            }, absent: NodeObject())
    }
}

extension ObjectReader<PodObject>.Subject {
    static func pods(in namespace: String) -> Self {
        Self(
            resource: .pods, kind: "Pod", name: { _, pod in pod.name }, path: "/api/v1/namespaces/\(namespace)/pods",
            decode: { document throws(JSONError) in
                let pod = try PodObject(document: document)
                return (pod, pod.complaint)
            }, absent: PodObject())
    }
}
