internal import Discovery
internal import Documents
internal import Mesh
internal import Probing
internal import Reactor

/// A configured target with a URL: `http://…`, `https://…`, `tcp://host:port` for the connection alone, or `icmp://host`
/// for an echo request.
struct URLProbe: Equatable, Sendable {
    var place: ConfiguredTarget
    /// Nil for `tcp` and `icmp`.
    var request: RequestSettings?
    /// Outside of all that is looked after here: it tells whether there is a way out.
    var isEgress = false
    var interval: Duration
    /// May exceed the interval: attempts on one target may overlap.
    var timeout = Duration.seconds(4)

    /// - Returns: Nil when the URL is none. What is not about the request is checked all the same.
    init?(_ fields: Fields, folder: String) {
        let url = fields.required("url")?.url()
        let keys = URLProbe.requestKeys.compactMap { key in fields[key].map { (key, $0) } }
        let role = fields["role"]?.choice(among: ["egress"])
        let interval = fields["interval"]?.duration(in: .seconds(1)...(.seconds(3600)))
        let timeout = fields["timeout"]?.duration(in: .milliseconds(10)...(.seconds(60)))
        let families = fields["ipFamily"]?.families()
        let addresses = fields["resolve"]?.addresses(of: families)
        guard let url, let probe = ProbeProtocol(rawValue: url.scheme) else { return nil }

        place = ConfiguredTarget(name: "", probe: probe, host: url.host, port: url.port ?? 0)
        // Without the query, which may hold what is not for everybody's eyes: this is what is shown.
        place.path = url.path
        place.addresses = addresses ?? []
        place.families = families ?? place.families
        isEgress = role != nil
        self.interval = interval ?? .seconds(probe == .https ? 60 : 30)
        self.timeout = timeout ?? self.timeout
        if let family = url.address?.family, !place.families.contains(family) {
            fields["ipFamily"]?.refuse("the URL's address is of the other family")
        }
        if !probe.isHTTP {
            for (key, field) in keys { field.refuseKey("\(key) is for http and https only") }
        } else {
            request = RequestSettings(url, fields, folder: folder)
        }
    }

    private static let requestKeys = [
        "method", "headers", "body", "bodyFile", "basicAuth", "bearerTokenFile", "tls", "http", "expect", "maxBody",
        "followRedirects",
    ]
}

extension URLParts {
    fileprivate var bareHost: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }

    fileprivate var address: IPAddress? { IPAddress(bareHost) }
}

extension Field {
    /// Errors never show what stands in it: it may hold a password.
    fileprivate func url() -> URLParts? {
        guard let text = string() else { return nil }
        guard let url = URLParts(text) else { return refuseURL("this is not a URL such as https://example.com/health") }
        if url.hasCredentials { return refuseURL("credentials do not belong here, but into files: basicAuth") }
        guard Channel.url.protocols.map(\.rawValue).contains(url.scheme) else {
            return refuseURL("\(url.scheme.quoted) is not one of http, https, tcp, icmp")
        }
        if url.fragment != nil { return refuseURL("what follows # is never sent") }
        if url.address == nil, let complaint = complaint(aboutHost: url.host) {
            return refuseURL("\(url.host.quoted) \(complaint), and no address")
        }
        if url.scheme == "icmp" {
            if url.port != nil { return refuseURL("icmp has no port") }
        } else if url.port ?? 0 == 0 {
            return refuseURL("a port is expected: tcp://host:port")
        }
        if ["tcp", "icmp"].contains(url.scheme), url.path != "/" || url.query != nil {
            return refuseURL("\(url.scheme) has no path")
        }
        return url
    }

    private func refuseURL(_ message: String) -> URLParts? {
        refuse(message)
        return nil
    }

    fileprivate func families() -> Set<IPFamily>? {
        choice(among: ["ipv4", "ipv6", "both"]).map { IPFamily(rawValue: $0).map { [$0] } ?? Set(IPFamily.allCases) }
    }

    fileprivate func addresses(of families: Set<IPFamily>?) -> [IPAddress]? {
        guard let elements = list() else { return nil }
        if elements.isEmpty { refuse("at least one address is expected here") }
        return elements.compactMap { element in
            guard let text = element.string() else { return nil }
            guard let address = IPAddress(text) else {
                element.refuse("\(text.quoted) is not an IP address")
                return nil
            }
            if let families, !families.contains(address.family) { element.refuse("this is of the other ipFamily") }
            return address
        }
    }
}
