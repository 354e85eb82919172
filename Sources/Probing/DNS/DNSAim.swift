internal import Mesh
internal import Reactor

/// A DNS server, and what its probes ask for.
final class DNSAim {
    let transport: ProbeProtocol
    let endpoint: Endpoint
    let question: DNSQuestion
    /// With the id 0.
    let query: DNSQuery
    /// Of tls and https.
    let url: ParsedURL?

    /// - Returns: Nil when the target's host or path makes no URL.
    init?(at target: Target, asking question: DNSQuestion) {
        transport = target.probe
        endpoint = Endpoint(address: target.address.bytes, port: target.port)
        self.question = question
        query = DNSQuery(
            id: 0, name: question.name, type: question.type, recursionDesired: question.recursionDesired)
        switch target.probe {
        case .tls, .https:
            // libcurl has no name for TLS alone; it ends where HTTP would begin.
            let host = target.host.isEmpty ? target.address.urlHost : target.host
            let path = target.probe == .tls ? "/" : target.path
            let url = ParsedURL(
                "https://\(host):\(target.port)\(path)", at: target.host.isEmpty ? nil : target.place)
            guard let url else { return nil }
            self.url = url
        default: url = nil
        }
    }
}
