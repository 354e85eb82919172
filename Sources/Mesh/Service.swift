/// What is probed and does not end at one pod: a Service of some kind, a rule of an Ingress, the API server, a DNS server.
package struct Service: Hashable, Sendable {
    /// Not `pod`, `multus` or `node`.
    package let channel: Channel
    /// Together with the channel, nothing else is called so: `heartmesh`, `beat.example/beat`.
    package let name: String
    package let probe: ProbeProtocol
    /// The name of the host in the request and in the certificate; empty: the address.
    package let host: String
    package let path: String
    package let port: UInt16
    /// Where it is; each once. For `node_port` nothing: it is on every node.
    package let addresses: [IPAddress]
    /// Names that it has instead of addresses and that could not be resolved.
    package let unresolved: [String]
    /// Of `node_port`: the families that it has. The others' are those of their addresses.
    package let families: Set<IPFamily>

    package init(
        channel: Channel, name: String, probe: ProbeProtocol = .http, host: String = "", path: String = "/",
        port: UInt16, addresses: [IPAddress] = [], unresolved: [String] = [],
        families: Set<IPFamily> = Set(IPFamily.allCases)
    ) {
        self.channel = channel
        self.name = name
        self.probe = probe
        self.host = host
        self.path = path
        self.port = port
        self.addresses = addresses.uniqued()
        self.unresolved = unresolved
        self.families = families
    }

    /// Nobody has given it an address yet.
    package var isPending: Bool { channel != .nodePort && addresses.isEmpty && unresolved.isEmpty }
}
