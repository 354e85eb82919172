internal import Mesh

extension APIServer {
    /// The ways to the API server that can be probed: the one that discovery itself takes, and in a cluster the one by
    /// the name that all programs know. Without TLS there is none: it is a test's server or a proxy on this host.
    var services: [NamedService] {
        guard let authority = URLAuthority(url), authority.scheme == "https",
            let port = UInt16(exactly: authority.port)
        else { return [] }
        let bare = authority.host.hasPrefix("[") ? String(authority.host.dropFirst().dropLast()) : authority.host
        let address = IPAddress(bare)
        if address == nil, complaint(aboutHost: bare) != nil { return [] }
        let own = NamedService(
            channel: .apiServer, name: bare, probe: .https, host: serverName ?? (address == nil ? bare : ""),
            path: authority.path + "/livez", port: port, addresses: address.map { [$0] } ?? [],
            names: address == nil ? [bare] : [])
        guard isInCluster, bare != APIServer.clusterName else { return [own] }
        let named = NamedService(
            channel: .apiServer, name: APIServer.clusterName, probe: .https, host: APIServer.clusterName,
            path: "/livez", port: port, names: [APIServer.clusterName])
        return [own, named]
    }

    /// Of its Service; with the search list that a pod has it is found from every namespace.
    private static let clusterName = "kubernetes.default.svc"
}
