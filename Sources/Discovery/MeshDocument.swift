internal import Documents
internal import Mesh

/// The static mesh document: the peers and the services spelled out, in YAML or JSON.
///
/// ```yaml
/// peers:
///   - {node: node-a, zone: z1, addresses: [192.0.2.1, "2001:db8::1"], port: 8873, nodeAddresses: [198.51.100.1]}
/// services:
///   - {channel: load_balancer, name: beat, addresses: [203.0.113.1, beat.example]}
/// ```
struct MeshDocument: Equatable {
    var peers: [Peer] = []
    var services: [NamedService] = []

    /// - Throws: Everything that is wrong with the document, by its places. A document with a bad peer is refused as a
    ///   whole: a person wrote it, and is there to mend it.
    init(_ bytes: [UInt8], name: String) throws(DocumentError) {
        self = try Document.decode(bytes, name: name) { fields in
            var document = MeshDocument()
            var seen: Set<String> = []
            for entry in fields.required("peers")?.list() ?? [] {
                guard let peer = entry.mapping(MeshDocument.peer)?.flatMap({ $0 }) else { continue }
                if !seen.insert(peer.node).inserted {
                    entry.refuse("the node \(peer.node) is listed twice")
                }
                document.peers.append(peer)
            }
            seen = []
            for entry in fields["services"]?.list() ?? [] {
                guard let service = entry.mapping(MeshDocument.service)?.flatMap({ $0 }) else { continue }
                if !seen.insert("\(service.channel.rawValue) \(service.name)").inserted {
                    entry.refuse("the \(service.channel.rawValue) \(service.name) is listed twice")
                }
                document.services.append(service)
            }
            return document
        }.value
    }

    private init() {}

    /// - Parameter lookUp: The addresses of a name, as `NamedService` wants them.
    func topology(_ lookUp: (String) -> [IPAddress]?) -> Topology {
        Topology(peers, services: services.compactMap { $0.resolved(lookUp) })
    }

    private static func peer(_ fields: Fields) -> Peer? {
        let node = fields.required("node")?.string(checkedBy: Identity.complaint(aboutName:))
        let zone = fields["zone"]?.string(checkedBy: Identity.complaint(aboutName:))
        let port = fields["port"]?.int(in: 1...65535) ?? 8873
        let addressList = fields.required("addresses")
        if addressList?.node.elements?.isEmpty == true { addressList?.refuse("at least one address is expected here") }
        let addresses = addressList.flatMap(addresses)
        let nodeAddresses = fields["nodeAddresses"].flatMap(self.addresses)
        let networks = fields["networks"]?.list()?.flatMap { $0.mapping(network) ?? [] }
        guard let node, let addresses else { return nil }
        return Peer(
            node: node, zone: zone ?? "", addresses: addresses, port: UInt16(port),
            nodeAddresses: nodeAddresses ?? [], networks: networks ?? [])
    }

    private static func network(_ fields: Fields) -> [NetworkAddress] {
        let name = fields.required("network")?.string(checkedBy: complaint(aboutTitle:))
        let addresses = fields.required("addresses").flatMap(addresses) ?? []
        return addresses.map { NetworkAddress(network: name ?? "", address: $0) }
    }

    private static func addresses(_ field: Field) -> [IPAddress]? {
        field.list()?.compactMap { element in
            guard let text = element.string() else { return nil }
            guard let address = IPAddress(text) else {
                element.refuse("\"\(text)\" is not an IP address")
                return nil
            }
            return address
        }
    }
}
