package import Mesh

/// A service before the names that it has instead of addresses are looked up.
package struct NamedService: Equatable {
    let channel: Channel
    var name: String
    var probe: ProbeProtocol
    var host: String
    var path: String
    let port: UInt16
    var addresses: [IPAddress]
    /// Of hosts.
    var names: [String]
    var families: Set<IPFamily>

    package init(
        channel: Channel, name: String, probe: ProbeProtocol = .http, host: String = "", path: String = "/",
        port: UInt16, addresses: [IPAddress] = [], names: [String] = [],
        families: Set<IPFamily> = Set(IPFamily.allCases)
    ) {
        self.channel = channel
        self.name = name
        self.probe = probe
        self.host = host
        self.path = path
        self.port = port
        self.addresses = addresses
        self.names = names
        self.families = families
    }

    /// - Parameter lookUp: The addresses of a name; empty when it has none, nil when nobody has looked yet.
    /// - Returns: Nil while one of the names is not looked up: what is pending, what is unresolved and what is only not
    ///   known yet are different things.
    func resolved(_ lookUp: (String) -> [IPAddress]?) -> Service? {
        var addresses = self.addresses
        var unresolved: [String] = []
        for name in names {
            guard let found = lookUp(name) else { return nil }
            addresses += found
            if found.isEmpty { unresolved.append(name) }
        }
        return Service(
            channel: channel, name: name, probe: probe, host: host, path: path, port: port, addresses: addresses,
            unresolved: unresolved, families: families)
    }
}

extension [NamedService] {
    /// Puts together what differs in its addresses only, as two Ingresses with the same rule do.
    func merged() -> [NamedService] {
        var merged: [NamedService] = []
        for service in self {
            let place = merged.firstIndex {
                $0.channel == service.channel && $0.name == service.name && $0.probe == service.probe
                    && $0.host == service.host && $0.path == service.path && $0.port == service.port
            }
            guard let place else {
                merged.append(service)
                continue
            }
            merged[place].addresses += service.addresses.filter { !merged[place].addresses.contains($0) }
            merged[place].names += service.names.filter { !merged[place].names.contains($0) }
            merged[place].families.formUnion(service.families)
        }
        return merged
    }
}
