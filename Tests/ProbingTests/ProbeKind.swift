import Mesh
import Support
import Testing

@testable import Probing

/// Everything that can be probed in a way of its own.
enum ProbeKind: String, CaseIterable {
    case http, https, tcp, udp, icmp
    /// The twin of `http` with a large payload.
    case large
    /// Configured targets.
    case urlHTTP, urlHTTPS
    case dnsUDP, dnsTCP, dnsTLS, dnsHTTPS
}

func target(_ kind: ProbeKind, _ address: SocketAddress) throws -> Target {
    switch kind {
    case .http: try target(.http, address, .node("node-a"))
    case .https: try target(.https, address, .node("node-a"))
    case .tcp: try target(.tcp, address, .node("node-a"))
    case .udp: try target(.udp, address, .node("node-a"))
    case .icmp: try target(.icmp, address, .server)
    case .large:
        Target(
            channel: .ingress, probe: .http, address: try #require(IPAddress(address.host)), port: address.port,
            path: "/?size=8192", payloadSize: 8192, answerer: .node("node-a"))
    case .urlHTTP: try configured(address, as: "http", .http)
    case .urlHTTPS: try configured(address, as: "https", .https)
    case .dnsUDP: try dnsTarget(.udp, address)
    case .dnsTCP: try dnsTarget(.tcp, address)
    case .dnsTLS: try dnsTarget(.tls, address)
    case .dnsHTTPS: try dnsTarget(.https, address)
    }
}

/// A DNS server that is asked what the rig's question `test` says.
///
/// - Parameter host: The name in the request and in the certificate; empty: the address.
func dnsTarget(
    _ transport: ProbeProtocol, _ address: SocketAddress, name: String = "test", host: String = "",
    path: String = "/dns-query"
) throws -> Target {
    Target(
        channel: .dns, probe: transport, address: try #require(IPAddress(address.host)), port: address.port, name: name,
        host: host, path: path, answerer: .server)
}

extension DNSQuestion {
    /// For the address of `www.example.test`.
    static func test(_ type: DNSType = .a, trust: Trust = .system) -> DNSQuestion {
        var question = DNSQuestion(name: DNSAnswer.name, type: type)
        question.trust = trust
        return question
    }
}

extension Prober {
    /// What the kinds that go by a name ask.
    func registerTests(trust: [Channel: Trust] = [:]) {
        questions["test"] = .test(trust: trust[.dns] ?? .system)
        for name in ["http", "https"] {
            // Where to connect is the target's address.
            var settings = RequestSettings(url: "\(name)://beat.example/")
            settings.trust = trust[.url] ?? .system
            requestSettings[name] = settings
        }
    }
}
