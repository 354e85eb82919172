import Documents
import Mesh
import Probing
import Testing

@testable import heartmesh

/// `probes: - {name, dns: …}`.
@Suite struct ConfiguredDNSTests {
    private func server(_ text: String) throws -> Configuration.DNSServer {
        let text = "probes: [{name: a, dns: {\(text)}}]"
        let configuration = try Configuration.decode(text, name: "heartmesh.yaml", folder: "/etc/hm/").configuration
        guard case .dns(let server) = try #require(configuration.probes.first).kind else {
            preconditionFailure("there is one kind")
        }
        return server
    }

    @Test func theDefaults() throws {
        let text = "probes: [{name: a, dns: {server: 192.0.2.53, name: example.com}}]"
        let probe = try #require(try Configuration.decode(text, name: "heartmesh.yaml").configuration.probes.first)
        #expect(probe.name == "a" && probe.interval == .seconds(30) && probe.timeout == .seconds(4))
        let server = try server("server: 192.0.2.53, name: example.com")
        #expect(server.transport == .udp && server.port == 53)
        let question = DNSQuestion(name: try DNSName("example.com"), type: .a)
        #expect(server.question == question)
    }

    @Test func everyKeyIsRead() throws {
        let text = """
            probes:
              - name: resolver
                interval: 5s
                timeout: 1s
                dns:
                  server: "[2001:db8::53]:8853"
                  protocol: tls
                  name: example.com
                  type: aaaa
                  serverName: dns.example
                  caFile: ca.pem
                  recursion: false
                  expect: {rcode: [NOERROR, NXDOMAIN], answers: ["2001:db8::1"], match: all}
            """
        let (configuration, warnings) = try Configuration.decode(text, name: "heartmesh.yaml", folder: "/etc/hm/")
        // It is looked at, too.
        #expect(warnings.map(\.path) == ["probes[0].dns.caFile"])
        let probe = try #require(configuration.probes.first)
        #expect(probe.interval == .seconds(5) && probe.timeout == .seconds(1))
        guard case .dns(let server) = probe.kind else { throw WrongKind() }
        #expect(server.transport == .tls && server.port == 8853 && server.serverName == "dns.example")
        #expect(server.place.address == IPAddress("2001:db8::53"))
        #expect(server.question.type == .aaaa && !server.question.recursionDesired)
        #expect(server.question.trust == .file("/etc/hm/ca.pem"))
        #expect(
            try server.question.expectation
                == DNSExpectation(of: .aaaa, rcodes: [.noError, .nameError], answers: ["2001:db8::1"], match: .all))
        #expect(try configuration.schedule(of: target("resolver")) == (.seconds(5), .seconds(1)))
        #expect(try configuration.schedule(of: target("other")) == (.seconds(30), .seconds(4)))
    }

    private func target(_ name: String) throws -> Target {
        Target(
            channel: .dns, probe: .udp, address: try #require(IPAddress("192.0.2.53")), port: 53, name: name,
            answerer: .server)
    }

    @Test(
        arguments: [
            ("server: dns.example, protocol: tls", ProbeProtocol.tls, 853, ""),
            ("server: dns.example, protocol: https", .https, 443, "/dns-query"),
            ("server: 'https://dns.example:8443/q'", .https, 8443, "/q"),
            ("server: 192.0.2.53, protocol: tcp", .tcp, 53, ""),
        ] as [(String, ProbeProtocol, UInt16, String)])
    func protocols(text: String, transport: ProbeProtocol, port: UInt16, path: String) throws {
        let server = try server("\(text), name: example.com")
        #expect(server.transport == transport && server.port == port && server.path == path)
    }

    @Test(arguments: [
        ("{dns: {server: a.b, name: c}}", "1:10: probes[0].name: is required"),
        ("{name: a}", "1:10: probes[0]: one of url and dns is required"),
        (
            "{name: a, dns: {server: a.b, name: c}}, {name: a, dns: {server: a.b, name: c}}",
            "1:57: probes[1].name: \"a\" is the name of probes[0] already"
        ),
        ("{name: a, dns: {name: c}}", "1:25: probes[0].dns.server: is required"),
        ("{name: a, dns: {server: a.b}}", "1:25: probes[0].dns.name: is required"),
        (
            "{name: a, dns: {server: a.b, name: a..b}}",
            "1:45: probes[0].dns.name: \"a..b\" is not a domain name: it has an empty label"
        ),
        (
            "{name: a, dns: {server: a.b, name: c, type: AXFR}}",
            "1:54: probes[0].dns.type: \"AXFR\" is not a type that can be asked for, such as A, AAAA or TYPE65"
        ),
        (
            "{name: a, dns: {server: 'https://a.b/', name: c, protocol: udp}}",
            "1:69: probes[0].dns.protocol: the server is a URL: it is asked over https"
        ),
        (
            "{name: a, dns: {server: a.b, name: c, protocol: http}}",
            "1:58: probes[0].dns.protocol: \"http\" is not one of udp, tcp, tls, https (did you mean https?)"
        ),
        (
            "{name: a, dns: {server: a.b, name: c, serverName: d.e}}",
            "1:48: probes[0].dns.serverName: is for tls and https only"
        ),
        (
            "{name: a, dns: {server: a.b, name: c, protocol: tcp, tcpFallback: true}}",
            "1:63: probes[0].dns.tcpFallback: is for udp only"
        ),
        (
            "{name: a, dns: {server: a.b, name: c, expect: {rcode: [NOPE]}}}",
            "1:65: probes[0].dns.expect.rcode[0]: \"NOPE\" is not a DNS response code such as NOERROR or NXDOMAIN"
        ),
        (
            "{name: a, dns: {server: a.b, name: c, expect: {rcode: []}}}",
            "1:56: probes[0].dns.expect: no rcode is expected"
        ),
        (
            "{name: a, dns: {server: a.b, name: c, expect: {answers: [x]}}}",
            "1:56: probes[0].dns.expect: \"x\" is not an address of type A"
        ),
    ])
    func isRefusedWithItsPlace(entry: String, line: String) {
        #expect(configurationLines("probes: [\(entry)]") == ["heartmesh.yaml:\(line)"])
    }

    /// What is asked of a configured server does not hang on the channel's mode or its protocols.
    @Test func theChannelMayBeOff() throws {
        let probes = "probes: [{name: a, dns: {server: 192.0.2.53, name: a.b, protocol: tls}}]"
        for mode in ["auto", "off"] {
            let text = "channels: {dns: {mode: \(mode)}}\n\(probes)"
            let configuration = try Configuration.decode(text, name: "heartmesh.yaml").configuration
            #expect(Plan.Settings(configuration).protocols[.dns] == [.udp, .tcp, .tls, .https])
        }
        let off = try Configuration.decode("channels: {dns: {mode: off}}", name: "heartmesh.yaml").configuration
        #expect(Plan.Settings(off).protocols[.dns] == nil)
        #expect(Plan.Settings(Configuration()).protocols[.dns] == [.udp])
    }
}

private struct WrongKind: Error {}
