/// One address on one channel that is probed on a schedule. Equal targets are the same target: it keeps its phase and its
/// series for as long as it is part of the plan.
package struct Target: Hashable, Sendable {
    package let channel: Channel
    package let probe: ProbeProtocol
    /// Bytes of a large payload, each way; 0: it is small.
    package let payloadSize: Int
    package let address: IPAddress
    package let port: UInt16
    /// The node that the address belongs to; empty where it is not one node's.
    package let node: String
    /// That node's zone; empty where there are none.
    package let zone: String
    /// What the address belongs to beside a node: a Service, an Ingress' rule, a secondary network; empty for the
    /// addresses of a pod or a node itself.
    package let name: String
    /// The name of the host in the request and in the certificate; empty: the address.
    package let host: String
    /// The path of the request, from its slash on.
    package let path: String
    package let answerer: Answerer

    /// Who must answer.
    package enum Answerer: Hashable, Sendable {
        /// The responder of this node.
        case node(String)
        /// The responder of any peer that is known, this node's own among them.
        case anyPeer
        /// A server that is no responder, with whatever it has to say: that it answers is what is asked.
        case server
    }

    package init(
        channel: Channel, probe: ProbeProtocol, address: IPAddress, port: UInt16, node: String = "",
        zone: String = "", name: String = "", host: String = "", path: String = "/", payloadSize: Int = 0,
        answerer: Answerer
    ) {
        self.channel = channel
        self.probe = probe
        self.payloadSize = payloadSize
        self.address = address
        self.port = port
        self.node = node
        self.zone = zone
        self.name = name
        self.host = host
        self.path = path
        self.answerer = answerer
    }

    /// Whether it is the responder of one peer that answers, and nobody in its place.
    package var isAnsweredByPeer: Bool { channel == .pod || channel == .multus }

    package var payload: Payload { payloadSize == 0 ? .small : .large }

    /// The same with a large payload: a responder gives back as many bytes as the query says (`?size=8192`).
    func large(_ size: Int) -> Target {
        Target(
            channel: channel, probe: probe, address: address, port: port, node: node, zone: zone, name: name,
            host: host, path: path + (path.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + "size=\(size)",
            payloadSize: size, answerer: answerer)
    }

    /// `192.0.2.1:80`, `[2001:db8::1]:80`.
    package var place: String { "\(address.urlHost):\(port)" }

    /// What is asked for: `https://beat.example:443/beat`.
    package var url: String {
        switch probe {
        case .tcp, .udp: "\(probe.rawValue)://\(place)"
        case .http, .https, .tls: "\(probe.rawValue)://\(host.isEmpty ? address.urlHost : host):\(port)\(path)"
        }
    }
}
