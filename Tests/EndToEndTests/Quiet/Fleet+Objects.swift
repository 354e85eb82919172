import Support

/// What a fleet begins with.
extension Fleet {
    /// The recorded slice of the peer Service without its endpoints, and the Service with a cluster IP if there is one.
    static func serveObjects(on api: RecordedAPI, port: UInt16, proxy: ServiceProxy?) throws {
        try api.serve(endpointSlices: "100/list/endpointslices-namespace.json")
        try api.change { slices in
            try slices.keep { $0.name == slice }
            try slices.setEndpoints([], of: slice)
            try slices.setPort(named: "http", to: port)
        }
        guard let proxy else { return }
        try api.serve(list: "100/list/services-selected.json") { try proxy.makeService(of: &$0) }
    }

    /// The configuration and the kubeconfig of all pods.
    static func writeFiles(
        _ settings: Settings, kubeletPort: UInt16?, server: String, in folder: TemporaryFolder
    ) throws {
        var channels = ["pod: \(settings.pace)"]
        var off = ["multus", "hairpin", "node_port", "load_balancer", "ingress", "api_server", "dns"]
        if settings.hasService { channels.append("cluster_ip: \(settings.pace)") } else { off.append("cluster_ip") }
        if let kubeletPort {
            channels.append("node: \(settings.pace.dropLast()), port: \(kubeletPort)}")
        } else {
            off.append("node")
        }
        channels += off.map { "\($0): {mode: off}" }
        try folder.write(
            """
            discovery: {interval: \(settings.interval), kubernetes: {namespace: heartmesh, service: heartmesh-headless}}
            peers: {fullMeshLimit: 100}
            channels: {\(channels.joined(separator: ", "))}
            shutdown: {drain: \(settings.drain)}

            """, "heartmesh.yaml")
        try folder.write(
            """
            current-context: lab
            contexts: [{name: lab, context: {cluster: lab}}]
            clusters: [{name: lab, cluster: {server: "\(server)"}}]

            """, "kubeconfig")
    }
}
