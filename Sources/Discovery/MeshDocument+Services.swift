internal import Documents
internal import Mesh

extension MeshDocument {
    /// The keys that an entry of the channel has beside `channel` and `name`.
    private static func keys(of channel: Channel) -> [String] {
        switch channel {
        case .nodePort: ["port"]
        case .ingress: ["addresses", "port", "host", "path", "tls"]
        case .apiServer: ["addresses", "port", "host"]
        default: ["addresses", "port"]
        }
    }

    /// The channels that have an object of their own. The others' addresses are the peers'.
    private static let channels = Channel.allCases.filter {
        switch $0 {
        case .clusterIP, .hairpin, .nodePort, .loadBalancer, .ingress, .apiServer: true
        default: false
        }
    }

    /// One entry of `services`.
    static func service(_ fields: Fields) -> NamedService? {
        let name = fields["name"]?.string(checkedBy: complaint(aboutTitle:))
        let all = ["addresses", "port", "host", "path", "tls"]
        guard let channel = channel(fields) else {
            // Known keys all the same: one mistake is told once.
            for key in all { _ = fields[key] }
            return nil
        }
        let keys = keys(of: channel)
        for key in all where !keys.contains(key) {
            fields[key]?.refuseKey("\(channel.rawValue) takes no \(key)")
        }
        let isEncrypted = keys.contains("tls") && fields["tls"]?.bool() == true || channel == .apiServer
        var host = keys.contains("host") ? fields["host"]?.string(checkedBy: complaint(aboutHost:)) ?? "" : ""
        let path = keys.contains("path") ? fields["path"]?.string(checkedBy: complaint(aboutPath:)) ?? "/" : "/"
        let port = port(fields, of: channel, isEncrypted: isEncrypted)
        let places = channel == .nodePort ? ([], []) : places(fields, host: &host, isHostNeeded: keys.contains("host"))
        guard let title = title(fields, name, channel, host: host, path: path), let port, let places else { return nil }
        return NamedService(
            channel: channel, name: title, probe: isEncrypted ? .https : .http, host: host,
            path: channel == .apiServer ? "/livez" : path, port: port, addresses: places.0, names: places.1)
    }

    private static func channel(_ fields: Fields) -> Channel? {
        fields.required("channel")?.choice(among: channels.map(\.rawValue)).flatMap(Channel.init(rawValue:))
    }

    /// An Ingress' rule has its host and path for a name unless it has another one.
    private static func title(
        _ fields: Fields, _ name: String?, _ channel: Channel, host: String, path: String
    ) -> String? {
        if let name { return name }
        if channel == .ingress, !host.isEmpty { return "\(host)\(path)" }
        if fields["name"] == nil, channel != .ingress || fields["host"] == nil { _ = fields.required("name") }
        return nil
    }

    private static func port(_ fields: Fields, of channel: Channel, isEncrypted: Bool) -> UInt16? {
        if channel == .nodePort { return fields.required("port")?.int(in: 1...65535).map { UInt16($0) } }
        let standard: UInt16 =
            switch channel {
            case .ingress, .apiServer: isEncrypted ? 443 : 80
            default: 8873
            }
        guard let field = fields["port"] else { return standard }
        return field.int(in: 1...65535).map { UInt16($0) }
    }

    /// The addresses, and the names that stand among them.
    ///
    /// - Parameter host: The name to ask for; where there is none, the only address' own, if it is a name.
    private static func places(
        _ fields: Fields, host: inout String, isHostNeeded: Bool
    ) -> (addresses: [IPAddress], names: [String])? {
        guard let field = fields.required("addresses"), let list = field.list() else { return nil }
        if list.isEmpty { field.refuse("at least one address is expected here") }
        var addresses: [IPAddress] = []
        var names: [String] = []
        for element in list {
            guard let text = element.string() else { continue }
            if let address = IPAddress(text) {
                addresses.append(address)
            } else if complaint(aboutHost: text) == nil {
                names.append(text)
            } else {
                element.refuse("\"\(text)\" is neither an IP address nor the name of a host")
            }
        }
        if isHostNeeded, host.isEmpty, let first = names.first {
            host = first
            if list.count > 1 { field.refuse("of several addresses one is a name: `host` must tell which to ask for") }
        }
        return (addresses, names)
    }
}
