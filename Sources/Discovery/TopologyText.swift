internal import Mesh

/// Writes a `TopologyDocument` a piece at a time: the text of 5,000 peers takes longer than a probe should wait.
struct TopologyText {
    private let peers: [Peer]
    private let services: [Service]
    /// Peers and services that are written.
    private var count = 0
    private(set) var bytes: [UInt8] = []

    /// - Parameter time: Seconds since the epoch.
    init(_ origin: TopologyDocument.Origin, time: Int, peers: [Peer], services: [Service]) {
        self.peers = peers
        self.services = services
        bytes.reserveCapacity(peers.count * 256 + 4096)
        append(#"{"kind":"\#(TopologyDocument.kind)","version":\#(TopologyDocument.version),"mesh":"#)
        append(quoted: origin.mesh)
        append(#","namespace":"#)
        append(quoted: origin.namespace)
        append(#","service":"#)
        append(quoted: origin.service)
        append(#","node":"#)
        append(quoted: origin.node)
        append(#","time":\#(time),"peers":[\#n"#)
    }

    /// Writes the next peers or services.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: Whether the document is complete.
    mutating func append(next limit: Int) -> Bool {
        for index in count..<min(count + limit, peers.count + services.count) {
            count += 1
            if index < peers.count {
                append(peers[index])
                append(index + 1 < peers.count ? ",\n" : "\n],\"services\":[\n")
            } else {
                append(services[index - peers.count])
                append(count < peers.count + services.count ? ",\n" : "\n")
            }
        }
        guard count == peers.count + services.count else { return false }
        append("]}\n")
        return true
    }

    private mutating func append(_ peer: Peer) {
        append(#"{"node":"#)
        append(quoted: peer.node)
        append(#","zone":"#)
        append(quoted: peer.zone)
        append(#","addresses":"#)
        append(list: peer.addresses.map(\.description))
        append(#","port":\#(peer.port),"state":"\#(peer.state.label)","pod":"#)
        append(quoted: peer.pod)
        append(#","nodeAddresses":"#)
        append(list: peer.nodeAddresses.map(\.description))
        append(#","networks":["#)
        for (index, network) in peer.networks.enumerated() {
            append(index > 0 ? #",{"network":"# : #"{"network":"#)
            append(quoted: network.network)
            append(#","address":"\#(network.address)"}"#)
        }
        append("]}")
    }

    private mutating func append(_ service: Service) {
        append(#"{"channel":"\#(service.channel.rawValue)","name":"#)
        append(quoted: service.name)
        append(#","probe":"\#(service.probe.rawValue)","host":"#)
        append(quoted: service.host)
        append(#","path":"#)
        append(quoted: service.path)
        append(#","port":\#(service.port),"addresses":"#)
        append(list: service.addresses.map(\.description))
        append(#","unresolved":"#)
        append(list: service.unresolved)
        append(#","families":"#)
        append(list: service.families.map(\.rawValue).sorted())
        append("}")
    }

    // MARK: JSON

    private mutating func append(list: [String]) {
        append("[")
        for (index, text) in list.enumerated() {
            if index > 0 { append(",") }
            append(quoted: text)
        }
        append("]")
    }

    private mutating func append(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: append(#"\u00\#(byte < 0x10 ? "0" : "")\#(String(byte, radix: 16))"#)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }
}
