import Discovery
import Documents
import Mesh
import Probing
import Testing

@testable import heartmesh

/// The one probe of a configuration.
private func probe(_ keys: String) throws -> URLProbe {
    let text = "probes: [{name: web, \(keys)}]"
    let configuration = try Configuration.decode(text, name: "heartmesh.yaml", folder: "/etc/heartmesh/").configuration
    #expect(configuration.probes.map(\.name) == ["web"])
    return try #require(configuration.urlProbes["web"])
}

@Suite struct ConfigurationURLTests {
    @Test(arguments: [
        ("http://a.example", "a.example", 80, "/", "http://a.example:80/", 30),
        ("https://a.example:8443/b?c=d", "a.example", 8443, "/b", "https://a.example:8443/b?c=d", 60),
        ("https://[2001:db8::1]/b/", "[2001:db8::1]", 443, "/b/", "https://[2001:db8::1]:443/b/", 60),
    ])
    func theDefaults(
        url: String, host: String, port: UInt16, path: String, asked: String, interval: Int
    ) throws {
        let probe = try probe("url: '\(url)'")
        #expect(probe.place.host == host && probe.place.port == port && probe.place.path == path)
        #expect(probe.interval == .seconds(interval) && probe.timeout == .seconds(4) && !probe.isEgress)
        #expect(probe.place.families == [.ipv4, .ipv6] && probe.place.addresses.isEmpty)
        var settings = RequestSettings(url: asked)
        settings.headers = ["Accept:", "Expect:", "Content-Type:"]
        #expect(probe.request == settings)
    }

    @Test func everyKey() throws {
        let probe = try probe(
            """
            url: https://a.example:8443/b, method: POST, headers: {X-A: 'b: c', X-B: '', accept: x},
            body: '{}', basicAuth: {username: me, passwordFile: secrets/p}, http: "2", maxBody: 100, followRedirects: true,
            tls: {caFile: ca.crt, certFile: /a.crt, keyFile: /a.key, serverName: inner.example}, ipFamily: ipv4,
            expect: {status: [200, 3xx, '404-410'], body: '^ok', json: {path: 'a[0]', value: '5'}},
            resolve: [192.0.2.1], role: egress, interval: 5m, timeout: 10s
            """)
        #expect(probe.place.host == "a.example" && probe.place.families == [.ipv4] && probe.isEgress)
        #expect(probe.place.addresses.map(\.description) == ["192.0.2.1"])
        #expect(probe.interval == .seconds(300) && probe.timeout == .seconds(10))
        var settings = RequestSettings(url: "https://inner.example:8443/b")
        settings.method = .post
        settings.headers = ["X-A: b: c", "X-B;", "accept: x", "Expect:", "Content-Type:", "Host: a.example:8443"]
        settings.body = .bytes(Array("{}".utf8))
        settings.credentials = .basic(user: "me", passwordFile: "/etc/heartmesh/secrets/p")
        settings.isVersion2 = true
        settings.followsRedirects = true
        settings.trust = .file("/etc/heartmesh/ca.crt")
        settings.clientCertificate = .init(file: "/a.crt", keyFile: "/a.key")
        settings.expectation.statuses = [200...200, 300...399, 404...410]
        settings.expectation.pattern = "^ok"
        settings.expectation.member = .init(path: try #require(JSONPath("a[0]")), value: .string("5"))
        settings.expectation.bodyLimit = 100
        #expect(probe.request == settings)
    }

    @Test(arguments: [
        ("5", JSONScalar.number("5")), ("'5'", .string("5")), ("true", .bool(true)), ("null", .null), ("~", .null),
        ("ok", .string("ok")), ("'null'", .string("null")), ("1.5", .number("1.5")), ("inf", .string("inf")),
    ])
    func whatAValueIs(text: String, value: JSONScalar) throws {
        let probe = try probe("url: 'http://h', expect: {json: {path: a, value: \(text)}}")
        #expect(probe.request?.expectation.member?.value == value)
    }

    @Test func aConnectionAlone() throws {
        let probe = try probe("url: 'tcp://a.example:25', role: egress")
        #expect(probe.request == nil && probe.place.probe == .tcp && probe.place.port == 25 && probe.isEgress)
    }

    @Test(arguments: ["a.example", "192.0.2.1", "[2001:db8::1]"]) func anEchoRequest(host: String) throws {
        let probe = try probe("url: 'icmp://\(host)', ipFamily: both, interval: 1s, timeout: 500ms")
        #expect(probe.request == nil && probe.place.probe == .icmp && probe.place.port == 0)
        #expect(probe.place.host == host)
        #expect(probe.interval == .seconds(1) && probe.timeout == .milliseconds(500))
    }

    @Test(arguments: [
        ("", false), ("channels: {node: {protocols: [tcp, icmp]}}", true),
        ("channels: {node: {protocols: [icmp], mode: off}}", false),
        ("channels: {pod: {protocols: [http, icmp]}}", true), ("probes: [{name: a, url: 'tcp://h:1'}]", false),
        ("probes: [{name: a, url: 'icmp://h'}]", true),
        ("probes: [{name: a, url: 'icmp://h'}]\nchannels: {url: {mode: off}}", false),
    ])
    func whoAsksForICMP(text: String, asks: Bool) throws {
        #expect(try Configuration.decode(text, name: "heartmesh.yaml").configuration.asksForICMP == asks)
    }

    @Test func theChannelCanBeOff() throws {
        let text = "probes: [{name: web, url: 'http://h'}]\nchannels: {url: {mode: off}}"
        let configuration = try Configuration.decode(text, name: "heartmesh.yaml").configuration
        #expect(configuration.urlProbes.isEmpty && configuration.probes.count == 1)
    }

    /// The keys of an entry with a good name, and what must be said of the first bad one: never a secret.
    @Test(arguments: [
        ("", "name: web", "is required"),
        ("url: 'https://u:secret@h/'", "url", "credentials do not belong here, but into files: basicAuth"),
        ("url: 'h'", "url", "this is not a URL such as https://example.com/health"),
        ("url: 'ftp://h/'", "url", "\"ftp\" is not one of http, https, tcp, icmp"),
        ("url: 'http://h/#a'", "url", "what follows # is never sent"),
        ("url: 'http://a..b/'", "url", "\"a..b\" is not the name of a host, and no address"),
        ("url: 'http://h:0/'", "url", "a port is expected: tcp://host:port"),
        ("url: 'tcp://h'", "url", "a port is expected: tcp://host:port"),
        ("url: 'tcp://h:1/a'", "url", "tcp has no path"),
        ("url: 'icmp://h:1'", "url", "icmp has no port"),
        ("url: 'icmp://h/a'", "url", "icmp has no path"),
        ("url: 'icmp://h?a'", "url", "icmp has no path"),
        ("url: 'icmp://h', expect: {}", "expect", "expect is for http and https only"),
        ("url: 'tcp://h:1', expect: {}", "expect", "expect is for http and https only"),
        ("url: 'http://h', method: get", "method", "\"get\" is not one of"),
        ("url: 'http://h', method: HEAD, body: a", "body", "a HEAD request has no body"),
        ("url: 'http://h', method: HEAD, expect: {body: a}", "expect.body", "the answer to a HEAD request has no body"),
        ("url: 'http://h', body: a, bodyFile: b", "bodyFile", "only one of body and bodyFile can be set"),
        ("url: 'http://h', headers: {A: \"secret\\r\\nB: c\"}", "headers.A", "a header's value has no line breaks"),
        ("url: 'http://h', headers: {'A:': secret}", "headers.\"A:\"", "this is not the name of a header"),
        ("url: 'http://h', headers: {A: secret, a: c}", "headers.a", "this header stands here twice"),
        ("url: 'http://h', headers: {Content-Length: 1}", "headers.Content-Length", "this header can't be set"),
        (
            "url: 'http://h', headers: {authorization: secret}, bearerTokenFile: t", "headers",
            "Authorization stands beside"
        ),
        (
            "url: 'http://h', basicAuth: {username: 'a:b', passwordFile: p}", "basicAuth.username",
            "\"a:b\" is not a user's"
        ),
        ("url: 'http://h', basicAuth: {username: a}", "basicAuth.passwordFile", "is required"),
        ("url: 'http://h', basicAuth: {username: a, password: secret}", "basicAuth.passwordFile", "is required"),
        ("url: 'http://h', bearerTokenFile: ''", "bearerTokenFile", "\"\" is not a path"),
        ("url: 'http://h', tls: {}", "tls", "is for https only"),
        ("url: 'https://h', tls: {certFile: a}", "tls.certFile", "certFile and keyFile belong together"),
        (
            "url: 'https://h', tls: {serverName: '192.0.2.1'}", "tls.serverName",
            "\"192.0.2.1\" is not the name of a host"
        ),
        ("url: 'http://h', http: '2'", "http", "HTTP/2 is agreed on by ALPN: https only"),
        ("url: 'https://h', http: '3'", "http", "\"3\" is not one of 1.1, 2"),
        ("url: 'http://h', expect: {status: []}", "expect.status", "at least one status is expected here"),
        ("url: 'http://h', expect: {status: [6xx]}", "expect.status[0]", "\"6xx\" is not a status such as"),
        ("url: 'http://h', expect: {body: '('}", "expect.body", "\"(\" is not a POSIX extended regular expression"),
        ("url: 'http://h', expect: {json: {path: a}}", "expect.json", "value is required"),
        ("url: 'http://h', expect: {json: {path: a., value: 1}}", "expect.json.path", "\"a.\" is not a path such as"),
        (
            "url: 'http://h', expect: {json: {path: a, value: [1]}}", "expect.json.value",
            "a single value is expected here"
        ),
        ("url: 'http://h', maxBody: 1048577", "maxBody", "1048577 is out of range"),
        ("url: 'http://h', resolve: []", "resolve", "at least one address is expected here"),
        ("url: 'http://h', resolve: [h]", "resolve[0]", "\"h\" is not an IP address"),
        ("url: 'http://h', ipFamily: ipv6, resolve: [192.0.2.1]", "resolve[0]", "this is of the other ipFamily"),
        ("url: 'http://192.0.2.1', ipFamily: ipv6", "ipFamily", "the URL's address is of the other family"),
        ("url: 'http://h', role: ingress", "role", "\"ingress\" is not one of egress"),
        ("url: 'http://h', interval: 500ms", "interval", "500ms is out of range: 1s to 1h"),
        ("url: 'http://h', followRedirects: maybe", "followRedirects", "\"maybe\" is not true or false"),
        ("url: 'http://h', followRedirect: true", "followRedirect", "unknown key (did you mean \"followRedirects\"?)"),
    ])
    func badValues(keys: String, path: String, message: String) {
        let lines = configurationLines("probes: [{name: web, \(keys)}]")
        let isThere = lines.contains { line in
            path == "name: web"
                ? line.hasSuffix("probes[0]: one of url and dns is required")
                : line.contains("probes[0].\(path): \(message)")
        }
        #expect(isThere, "\(lines)")
        #expect(lines.allSatisfy { !$0.contains("secret") }, "\(lines)")
    }

    @Test func names() {
        let text = """
            probes:
              - {name: a.B-1_, url: "http://h"}
              - {name: a b, url: "http://h"}
              - {name: a.B-1_, url: "http://h"}
              - {url: "http://h"}
              - {name: c, url: "http://h", dns: x}
            """
        #expect(
            configurationLines(text) == [
                "heartmesh.yaml:3:12: probes[1].name: \"a b\" is not a name: up to 63 letters, digits, '-', '_' and '.'",
                "heartmesh.yaml:4:12: probes[2].name: \"a.B-1_\" is the name of probes[0] already",
                "heartmesh.yaml:5:5: probes[3].name: is required",
                "heartmesh.yaml:6:15: probes[4].url: only one of url and dns can be set, and probes[4].dns is",
            ])
    }
}
