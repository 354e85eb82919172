import Mesh
import Testing

func peer(_ node: String, zone: String = "z1", state: PeerState = .active) -> Peer {
    Peer(node: node, zone: zone, addresses: [], port: 8873, state: state)
}

func peer(
    _ node: String, zone: String = "z1", _ addresses: [String], port: UInt16 = 8873, state: PeerState = .active,
    pod: String = ""
) throws -> Peer {
    let addresses = try addresses.map { try #require(IPAddress($0), "\($0) is an address") }
    return Peer(node: node, zone: zone, addresses: addresses, port: port, state: state, pod: pod)
}
