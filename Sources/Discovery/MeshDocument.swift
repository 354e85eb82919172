internal import Documents
internal import Mesh

/// The static mesh document: the peers spelled out, in YAML or JSON.
///
/// ```yaml
/// peers:
///   - {node: node-a, zone: z1, addresses: [192.0.2.1, "2001:db8::1"], port: 8873}
/// ```
enum MeshDocument {
    /// - Throws: Everything that is wrong with the document, by its places. A document with a bad peer is refused as a
    ///   whole: a person wrote it, and is there to mend it.
    static func topology(_ bytes: [UInt8], name: String) throws(DocumentError) -> Topology {
        try Document.decode(bytes, name: name) { fields in
            var peers: [Peer] = []
            var seen: Set<String> = []
            for entry in fields.required("peers")?.list() ?? [] {
                guard let peer = entry.mapping(peer)?.flatMap({ $0 }) else { continue }
                if !seen.insert(peer.node).inserted {
                    entry.refuse("the node \(peer.node) is listed twice")
                }
                peers.append(peer)
            }
            // Services come with the channels that lead to them.
            if let services = fields["services"], services.list()?.isEmpty == false {
                services.refuseKey("services are not supported in this release")
            }
            return Topology(peers)
        }.value
    }

    private static func peer(_ fields: Fields) -> Peer? {
        let node = fields.required("node")?.string(checkedBy: Identity.complaint(aboutName:))
        let zone = fields["zone"]?.string(checkedBy: Identity.complaint(aboutName:))
        let port = fields["port"]?.int(in: 1...65535) ?? 8873
        let addressList = fields.required("addresses")
        if addressList?.node.elements?.isEmpty == true { addressList?.refuse("at least one address is expected here") }
        let addresses = addressList.flatMap(addresses)
        // For the node channel; read so that a document for later releases is taken by this one.
        _ = fields["nodeAddresses"].flatMap(self.addresses)
        guard let node, let addresses else { return nil }
        return Peer(node: node, zone: zone ?? "", addresses: addresses, port: UInt16(port))
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
