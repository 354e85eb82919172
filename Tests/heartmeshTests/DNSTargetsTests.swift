import Discovery
import Mesh
import Probing
import Reactor
import Testing

@testable import heartmesh

/// What resolv.conf leads to.
@Suite struct DNSTargetsTests {
    private static let cluster =
        "nameserver 10.96.0.10\nsearch net.svc.cluster.example svc.cluster.example cluster.example"
    private static let name = "kubernetes.default.svc.cluster.example"

    private func settings(_ text: String = "") throws -> Configuration.ChannelSettings {
        try Configuration.decode("channels: {dns: {\(text)}}", name: "heartmesh.yaml").configuration[.dns]
    }

    private func entries(
        _ text: String, _ settings: Configuration.ChannelSettings, apiServer: String? = "10.96.0.1"
    ) -> [DNSTargets.Entry] {
        settings.entries(of: ResolvConf(Array(text.utf8)), apiServer: apiServer.flatMap { IPAddress($0) })
    }

    @Test func theClustersOwnName() throws {
        let entries = entries(Self.cluster, try settings())
        #expect(entries.map(\.name) == ["\(Self.name)/A", "\(Self.name)/AAAA"])
        #expect(entries.map(\.question.type) == [.a, .aaaa])
        let name = try DNSName(Self.name)
        #expect(entries.allSatisfy { $0.question.name == name })
        let addresses = [try #require(IPAddress("10.96.0.10"))]
        #expect(
            entries.map(\.service) == [
                NamedService(
                    channel: .dns, name: "\(Self.name)/A", probe: .udp, path: "", port: 53, addresses: addresses),
                NamedService(
                    channel: .dns, name: "\(Self.name)/AAAA", probe: .udp, path: "", port: 53, addresses: addresses),
            ])
    }

    /// For a family that the API server's Service does not have, NOERROR without an answer is right.
    @Test(arguments: [("10.96.0.1", [true, false]), ("fd96::1", [false, true]), (nil, [true, false])])
    func whatNeedsAnAnswer(apiServer: String?, needs: [Bool]) throws {
        let entries = entries(Self.cluster, try settings(), apiServer: apiServer)
        #expect(entries.map { $0.question.expectation == .anAnswer } == needs)
        #expect(entries.map { $0.question.expectation == .anAnswerOrNone } == needs.map { !$0 })
    }

    @Test(arguments: [
        "nameserver 192.0.2.1", "nameserver 192.0.2.1\nsearch example.com", "search svc.cluster.local", "",
    ])
    func elsewhereThereIsNothingToAsk(text: String) throws {
        #expect(entries(text, try settings()).isEmpty)
    }

    @Test func aConfiguredName() throws {
        let text = "nameserver 192.0.2.1\nnameserver 2001:db8::1"
        let plain = entries(text, try settings("name: example.com"))
        #expect(plain.map(\.name) == ["example.com/A"])
        let all = entries(text, try settings("name: example.com, types: [AAAA, MX], protocols: [udp, tcp]"))
        #expect(all.map(\.name) == ["example.com/AAAA", "example.com/AAAA", "example.com/MX", "example.com/MX"])
        #expect(all.allSatisfy { $0.question.expectation == .anAnswer })
    }

    @Test func listedTypesNeedAnAnswer() throws {
        let entries = entries(Self.cluster, try settings("types: [AAAA]"))
        #expect(entries.map(\.name) == ["\(Self.name)/AAAA"])
        #expect(entries[0].question.expectation == .anAnswer)
    }

    @Test func anotherConfiguration() throws {
        let folder = try Folder()
        try folder.write("nameserver 192.0.2.1\n", "one")
        try folder.write("nameserver 192.0.2.2\n", "two")
        func configuration(_ text: String) throws -> Configuration {
            try Configuration.decode(text, name: "heartmesh.yaml", folder: folder.path + "/").configuration
        }
        func service(_ address: String) throws -> NamedService {
            NamedService(
                channel: .dns, name: "a.b/A", probe: .udp, path: "", port: 53,
                addresses: [try #require(IPAddress(address))])
        }
        var told: [[DNSTargets.Entry]] = []
        let loop = try EventLoop()
        let targets = DNSTargets(
            try configuration("channels: {dns: {resolvConf: one, name: a.b}}"), apiServer: nil, on: loop,
            changed: { told.append($0) }, complain: { _ in })
        targets.start()
        #expect(told.last?.map(\.service) == [try service("192.0.2.1")])
        targets.replace(try configuration("channels: {dns: {resolvConf: two, name: a.b}}"))
        #expect(told.last?.map(\.service) == [try service("192.0.2.2")])
        targets.replace(try configuration("channels: {dns: {resolvConf: two, name: a.b, interval: 1s}}"))
        #expect(told.count == 2)
        targets.replace(try configuration("channels: {dns: {resolvConf: none, name: a.b}}"))
        #expect(told.last == [])
        let own = "probes: [{name: own, dns: {server: 192.0.2.3, name: a.b}}]\n"
        targets.replace(try configuration(own + "channels: {dns: {resolvConf: one, name: c.d, types: [MX]}}"))
        #expect(told.last?.map(\.name) == ["own", "c.d/MX"])
        targets.replace(try configuration(own + "channels: {dns: {mode: off}}"))
        #expect(told.last?.map(\.name) == ["own"])
    }

    @Test func configuredServers() throws {
        let address = try #require(IPAddress("192.0.2.1"))
        let text = """
            probes:
              - {name: plain, dns: {server: dns.example, name: a.b}}
              - {name: tls, dns: {server: dns.example, protocol: tls, name: a.b}}
              - {name: other, dns: {server: 192.0.2.1, protocol: https, serverName: dns.example, name: a.b}}
            """
        let probes = try Configuration.decode(text, name: "heartmesh.yaml").configuration.probes
        #expect(
            probes.compactMap { DNSTargets.Entry($0)?.service } == [
                NamedService(channel: .dns, name: "plain", probe: .udp, path: "", port: 53, names: ["dns.example"]),
                NamedService(
                    channel: .dns, name: "tls", probe: .tls, host: "dns.example", path: "", port: 853,
                    names: ["dns.example"]),
                NamedService(
                    channel: .dns, name: "other", probe: .https, host: "dns.example", path: "/dns-query", port: 443,
                    addresses: [address]),
            ])
    }
}
