internal import Documents
internal import Mesh

/// A topology as it is kept on disk: JSON, a line for each peer and each service.
///
/// ```json
/// {"kind":"HeartmeshTopology","version":1,"mesh":"default","namespace":"heartmesh","service":"heartmesh-peers",
/// "node":"node-a","time":1764000000,"peers":[
/// {"node":"node-a","zone":"z1","addresses":["192.0.2.1"],"port":8873,"state":"active","pod":"","nodeAddresses":[],
/// "networks":[]}
/// ],"services":[
/// {"channel":"cluster_ip","name":"heartmesh","probe":"http","host":"","path":"/","port":8873,
/// "addresses":["198.51.100.1"],"unresolved":[],"families":["ipv4","ipv6"]}
/// ]}
/// ```
struct TopologyDocument: Equatable {
    /// Whose it is: to another mesh, Service or node it is of no use.
    struct Origin: Equatable {
        var mesh = ""
        var namespace = ""
        var service = ""
        /// The exporter's own.
        var node = ""
    }

    static let kind = "HeartmeshTopology"
    static let version = 1

    let origin: Origin
    /// When it was found; seconds since the epoch.
    let time: Int
    let topology: Topology

    /// - Throws: When anything in it is not as it was written: half of a topology is none.
    init(document: [UInt8]) throws(JSONError) {
        var origin = Origin()
        var (kind, version, time) = ("", 0, 0)
        var peers: [Peer] = []
        var services: [Service] = []
        var reader = JSONReader(document)
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "kind": kind = try reader.string()
            case "version": version = try reader.integer()
            case "mesh": origin.mesh = try reader.string()
            case "namespace": origin.namespace = try reader.string()
            case "service": origin.service = try reader.string()
            case "node": origin.node = try reader.string()
            case "time": time = try reader.integer()
            case "peers": try reader.array { (reader) throws(JSONError) in peers.append(try Peer(&reader)) }
            case "services": try reader.array { (reader) throws(JSONError) in services.append(try Service(&reader)) }
            default: try reader.skip()
            }
        }
        try reader.end()
        guard kind == TopologyDocument.kind, version == TopologyDocument.version, !peers.isEmpty else {
            throw JSONError("the document is no topology of this release", at: 0)
        }
        self.init(origin: origin, time: time, topology: Topology(peers, services: services))
    }

    init(origin: Origin, time: Int, topology: Topology) {
        self.origin = origin
        self.time = time
        self.topology = topology
    }
}

extension Peer {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var (node, zone, port, pod) = ("", "", UInt16(0), "")
        var state: PeerState?
        var addresses: [IPAddress] = []
        var nodeAddresses: [IPAddress] = []
        var networks: [NetworkAddress] = []
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "node": node = try reader.string()
            case "zone": zone = try reader.string()
            case "addresses": addresses = try reader.addresses()
            case "port": port = try reader.port()
            case "state":
                let label = try reader.string()
                state = PeerState.allCases.first { $0.label == label }
            case "pod": pod = try reader.string()
            case "nodeAddresses": nodeAddresses = try reader.addresses()
            case "networks":
                try reader.array { (reader) throws(JSONError) in networks.append(try NetworkAddress(&reader)) }
            default: try reader.skip()
            }
        }
        guard let state, !addresses.isEmpty, port > 0, Identity.complaint(aboutName: node) == nil else {
            throw JSONError("a peer that can't be used", at: 0)
        }
        self.init(
            node: node, zone: zone, addresses: addresses, port: port, state: state, nodeAddresses: nodeAddresses,
            networks: networks, pod: pod)
    }
}

extension NetworkAddress {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var network = ""
        var addresses: [IPAddress] = []
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "network": network = try reader.string()
            case "address": addresses = [try reader.address()]
            default: try reader.skip()
            }
        }
        guard let address = addresses.first else { throw JSONError("a network without an address", at: 0) }
        self.init(network: network, address: address)
    }
}

extension Service {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var (name, host, path, port) = ("", "", "", UInt16(0))
        var channel: Channel?
        var probe: ProbeProtocol?
        var addresses: [IPAddress] = []
        var unresolved: [String] = []
        var families: Set<IPFamily> = []
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "channel": channel = Channel(rawValue: try reader.string())
            case "name": name = try reader.string()
            case "probe": probe = ProbeProtocol(rawValue: try reader.string())
            case "host": host = try reader.string()
            case "path": path = try reader.string()
            case "port": port = try reader.port()
            case "addresses": addresses = try reader.addresses()
            case "unresolved": unresolved = try reader.strings()
            case "families": families = Set(try reader.strings().compactMap(IPFamily.init(rawValue:)))
            default: try reader.skip()
            }
        }
        guard let channel, let probe, port > 0, !name.isEmpty else {
            throw JSONError("a service that can't be used", at: 0)
        }
        self.init(
            channel: channel, name: name, probe: probe, host: host, path: path, port: port, addresses: addresses,
            unresolved: unresolved, families: families)
    }
}

extension JSONReader {
    fileprivate mutating func port() throws(JSONError) -> UInt16 {
        guard let port = UInt16(exactly: try integer()) else { throw JSONError("a port is expected", at: 0) }
        return port
    }

    fileprivate mutating func address() throws(JSONError) -> IPAddress {
        let text = try string()
        guard let address = IPAddress(text) else { throw JSONError("\(text.quoted) is not an IP address", at: 0) }
        return address
    }

    fileprivate mutating func addresses() throws(JSONError) -> [IPAddress] {
        var addresses: [IPAddress] = []
        try array { (reader) throws(JSONError) in addresses.append(try reader.address()) }
        return addresses
    }
}
