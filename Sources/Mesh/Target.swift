/// One address on one channel that is probed on a schedule. Equal targets are the same target: it keeps its phase and its
/// series for as long as it is part of the plan.
package struct Target: Hashable, Sendable {
    package let channel: Channel
    package let probe: ProbeProtocol
    package let payload: Payload
    package let address: IPAddress
    package let port: UInt16
    /// The node that must answer.
    package let node: String
    /// That node's zone; empty where there are none.
    package let zone: String

    package init(
        channel: Channel, probe: ProbeProtocol, payload: Payload = .small, address: IPAddress, port: UInt16,
        node: String, zone: String
    ) {
        self.channel = channel
        self.probe = probe
        self.payload = payload
        self.address = address
        self.port = port
        self.node = node
        self.zone = zone
    }
}

/// The kind of path; the label `channel`.
package enum Channel: String, CaseIterable, Sendable {
    case pod
}

/// How a target is probed; the label `protocol`.
package enum ProbeProtocol: String, CaseIterable, Sendable {
    case http
}

/// The size of what a probe sends and asks for; the label `payload`.
package enum Payload: String, CaseIterable, Sendable {
    case small
}
