internal import Mesh

extension ServiceObject {
    /// The service that it is in the mesh, if it is any, and what in it can't be used.
    ///
    /// A headless Service has no address of its own, and an ExternalName is somebody else's name: neither is probed.
    func service() -> (service: NamedService?, invalid: [String]) {
        let clusterIPs = clusterIPs.isEmpty ? [clusterIP ?? ""] : clusterIPs
        if type == "ExternalName" || clusterIPs.contains("None") { return (nil, []) }
        let channel: Channel
        switch type {
        case "ClusterIP": channel = internalTrafficPolicy == "Local" ? .hairpin : .clusterIP
        case "NodePort": channel = .nodePort
        case "LoadBalancer": channel = .loadBalancer
        default: return (nil, ["Service \(name): type \(type)"])
        }
        let port = port
        let number = channel == .nodePort ? port?.nodePort : port?.port
        guard let port = number.flatMap(UInt16.init(exactly:)), port > 0 else {
            return (nil, ["Service \(name): no TCP port named http, and not one TCP port alone"])
        }
        var service = NamedService(channel: channel, name: name, port: port)
        var invalid: [String] = []
        if channel == .loadBalancer {
            let places = BalancerPlaces(balancers)
            service.addresses = places.addresses
            service.names = places.names
            invalid = places.invalid
        } else {
            let addresses = clusterIPs.filter { !$0.isEmpty }.map { ($0, IPAddress($0)) }
            invalid = addresses.filter { $0.1 == nil }.map(\.0)
            if channel == .nodePort {
                service.families = Set(addresses.compactMap(\.1?.family))
            } else {
                service.addresses = addresses.compactMap(\.1)
            }
        }
        return (service, unusable(invalid, of: "Service \(name)"))
    }

    /// The one named `http`, or the only one.
    private var port: Port? {
        let ports = ports.filter { $0.proto == "TCP" }
        return ports.first { $0.name == "http" } ?? (ports.count == 1 ? ports[0] : nil)
    }
}

/// The entries of `status.loadBalancer.ingress`, sorted by what they are.
struct BalancerPlaces {
    var addresses: [IPAddress] = []
    /// Of hosts. An entry that has both is taken by its address: the name is not what traffic goes by.
    var names: [String] = []
    /// Neither an address nor a name.
    var invalid: [String] = []

    init(_ entries: [BalancerEntry]) {
        for entry in entries {
            if let ip = entry.ip {
                if let address = IPAddress(ip) { addresses.append(address) } else { invalid.append(ip) }
            } else if let hostname = entry.hostname {
                if complaint(aboutHost: hostname) == nil { names.append(hostname) } else { invalid.append(hostname) }
            }
        }
    }
}

/// One text for all addresses of an object that are none.
func unusable(_ addresses: [String], of object: String) -> [String] {
    if addresses.isEmpty { return [] }
    return ["\(object): not an address: " + addresses.map { "\"\($0)\"" }.joined(separator: ", ")]
}
