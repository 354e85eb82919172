internal import Mesh

extension IngressObject {
    /// One service for each rule's host and path, and what in the object can't be used.
    func services() -> (services: [NamedService], invalid: [String]) {
        var services: [NamedService] = []
        var invalid = unusable(BalancerPlaces(balancers).invalid, of: "Ingress \(name)")
        var rules = rules
        if hasDefaultBackend, rules.isEmpty { rules = [Rule(paths: ["/"])] }
        for rule in rules {
            guard let host = IngressObject.probed(rule.host) else {
                invalid.append("Ingress \(name): the host \"\(rule.host)\" is not the name of a host")
                continue
            }
            // Without paths, all of the host is the default backend's.
            for text in rule.paths.isEmpty && hasDefaultBackend ? ["/"] : rule.paths {
                // An older way to say "and all below it".
                let path = text.hasSuffix("/*") ? String(text.dropLast()) : text
                if let complaint = complaint(aboutPath: path) {
                    invalid.append("Ingress \(name): the path \"\(text)\" \(complaint)")
                    continue
                }
                services += host.isEmpty ? hostless(path) : [service(host, path, to: balancers)]
            }
        }
        return (services, invalid)
    }

    /// Of a rule for any host: each entry is asked by its own name, or by its address where it has none.
    private func hostless(_ path: String) -> [NamedService] {
        func host(of entry: BalancerEntry) -> String {
            entry.hostname.flatMap { complaint(aboutHost: $0) == nil ? $0 : nil } ?? ""
        }
        let hosts = balancers.isEmpty ? [""] : Set(balancers.map(host)).sorted()
        return hosts.enumerated().map { index, name in
            var service = service(name, path, to: balancers.filter { host(of: $0) == name }, anyHost: true)
            // Further names of the same rule need names of their own.
            if index == 0 { service.name = "\(self.name)\(path)" }
            return service
        }
    }

    private func service(
        _ host: String, _ path: String, to entries: [BalancerEntry], anyHost: Bool = false
    ) -> NamedService {
        let isEncrypted = tls.contains { hosts in
            hosts.isEmpty || !anyHost && hosts.contains { $0 == host || IngressObject.matches($0, host) }
        }
        let places = BalancerPlaces(entries)
        return NamedService(
            channel: .ingress, name: "\(host)\(path)", probe: isEncrypted ? .https : .http, host: host, path: path,
            port: isEncrypted ? 443 : 80, addresses: places.addresses, names: places.names)
    }

    /// The name that a rule's host is asked by: of the hosts that `*.example` stands for, one.
    private static func probed(_ host: String) -> String? {
        let name = host.hasPrefix("*.") ? "heartmesh.\(host.dropFirst(2))" : host
        return name.isEmpty || complaint(aboutHost: name) == nil ? name : nil
    }

    /// Whether `*.example` is meant for the host: the star stands for one label (IngressTLS of networking.k8s.io/v1).
    private static func matches(_ pattern: String, _ host: String) -> Bool {
        guard pattern.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
        return host[dot...] == pattern.dropFirst()
    }
}
