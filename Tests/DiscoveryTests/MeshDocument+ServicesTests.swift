import Documents
import Mesh
import Testing

@testable import Discovery

struct MeshDocumentServicesTests {
    private func services(_ entries: String...) throws -> [NamedService] {
        let text = "peers: []\nservices:\n" + entries.map { "  - {\($0)}\n" }.joined()
        return try MeshDocument(Array(text.utf8), name: "m").services
    }

    @Test func oneOfEachChannel() throws {
        let found = try services(
            "channel: cluster_ip, name: heartmesh, addresses: [10.96.0.1, 'fd00:96::1']",
            "channel: hairpin, name: heartmesh, addresses: [10.96.0.2], port: 80",
            "channel: node_port, name: heartmesh, port: 30000",
            "channel: load_balancer, name: heartmesh, addresses: [192.0.2.1, lb.example]",
            "channel: ingress, host: beat.example, addresses: [192.0.2.2], path: /beat, tls: true",
            "channel: api_server, name: api, addresses: [10.96.0.3]")
        #expect(
            found == [
                NamedService(
                    channel: .clusterIP, name: "heartmesh", port: 8873, addresses: addresses("10.96.0.1", "fd00:96::1")),
                NamedService(channel: .hairpin, name: "heartmesh", port: 80, addresses: addresses("10.96.0.2")),
                NamedService(channel: .nodePort, name: "heartmesh", port: 30000),
                NamedService(
                    channel: .loadBalancer, name: "heartmesh", port: 8873, addresses: addresses("192.0.2.1"),
                    names: ["lb.example"]),
                NamedService(
                    channel: .ingress, name: "beat.example/beat", probe: .https, host: "beat.example", path: "/beat",
                    port: 443, addresses: addresses("192.0.2.2")),
                NamedService(
                    channel: .apiServer, name: "api", probe: .https, path: "/livez", port: 443,
                    addresses: addresses("10.96.0.3")),
            ])
    }

    @Test func theHostIsTheAddressOwnName() throws {
        #expect(
            try services("channel: ingress, name: i, addresses: [lb.example]") == [
                NamedService(channel: .ingress, name: "i", host: "lb.example", port: 80, names: ["lb.example"])
            ])
        #expect(try services("channel: ingress, name: i, addresses: [192.0.2.1]")[0].host == "")
        #expect(try services("channel: api_server, name: a, addresses: [api.example]")[0].host == "api.example")
        let both = "addresses: [192.0.2.1, api.example], host: kubernetes"
        #expect(try services("channel: api_server, name: a, \(both)")[0].host == "kubernetes")
        #expect(
            try services("channel: ingress, host: a.example, name: n, addresses: [x.example], port: 8080")[0].port
                == 8080)
    }

    @Test(arguments: [
        ("name: a", "3:5: services[0].channel: is required"),
        (
            "channel: pod, name: a",
            "3:15: services[0].channel: \"pod\" is not one of cluster_ip, hairpin, node_port, load_balancer, ingress, api_server"
        ),
        ("channel: cluster_ip, addresses: [10.0.0.1]", "3:5: services[0].name: is required"),
        ("channel: cluster_ip, name: a", "3:5: services[0].addresses: is required"),
        (
            "channel: cluster_ip, name: a, addresses: []",
            "3:47: services[0].addresses: at least one address is expected here"
        ),
        (
            "channel: cluster_ip, name: a, addresses: [10.0.0.300]",
            "3:48: services[0].addresses[0]: \"10.0.0.300\" is neither an IP address nor the name of a host"
        ),
        (
            "channel: cluster_ip, name: a, addresses: [10.0.0.1], host: b",
            "3:59: services[0].host: cluster_ip takes no host"
        ),
        (
            "channel: load_balancer, name: a, addresses: [b], path: /",
            "3:55: services[0].path: load_balancer takes no path"
        ),
        ("channel: hairpin, name: a, addresses: [10.0.0.1], tls: true", "3:56: services[0].tls: hairpin takes no tls"),
        ("channel: node_port, name: a", "3:5: services[0].port: is required"),
        (
            "channel: node_port, name: a, port: 1, addresses: [10.0.0.1]",
            "3:44: services[0].addresses: node_port takes no addresses"
        ),
        ("channel: node_port, name: a, port: 65536", "3:41: services[0].port: 65536 is out of range: 1 to 65535"),
        ("channel: ingress, addresses: [10.0.0.1]", "3:5: services[0].name: is required"),
        (
            "channel: ingress, addresses: [10.0.0.1], host: a b",
            "3:53: services[0].host: \"a b\" is not the name of a host"
        ),
        (
            "channel: ingress, host: a, addresses: [10.0.0.1], path: '/(a)'",
            "3:62: services[0].path: \"/(a)\" is not the path of a URL"
        ),
        (
            "channel: ingress, host: a, addresses: [10.0.0.1], path: a",
            "3:62: services[0].path: \"a\" does not begin with a slash"
        ),
        (
            "channel: ingress, name: n, addresses: [10.0.0.1, b]",
            "3:44: services[0].addresses: of several addresses one is a name: `host` must tell which to ask for"
        ),
        (
            "channel: api_server, name: a, addresses: [10.0.0.1], path: /",
            "3:59: services[0].path: api_server takes no path"
        ),
        (
            "channel: api_server, name: a b, addresses: [10.0.0.1]",
            "3:33: services[0].name: \"a b\" is not a name: 1 to 253 characters of ASCII, without blanks"
        ),
        (
            "channel: cluster_ip, name: a, addresses: [10.0.0.1], ports: 1",
            "3:59: services[0].ports: unknown key (did you mean \"port\"?)"
        ),
    ])
    func badServices(entry: String, line: String) {
        let error = #expect(throws: DocumentError.self) { try services(entry) }
        #expect(error?.description == "m:" + line)
    }

    @Test func whatIsListedTwice() throws {
        let entry = "channel: hairpin, name: a, addresses: [10.0.0.1]"
        let error = #expect(throws: DocumentError.self) { try services(entry, entry) }
        #expect(error?.description == "m:4:5: services[1]: the hairpin a is listed twice")
        // Of another channel it is another one.
        #expect(try services(entry, "channel: cluster_ip, name: a, addresses: [10.0.0.1]").count == 2)
    }
}

struct ComplaintsTests {
    @Test(arguments: [
        "a", "a.example", "A-b_c.d9", "9a.example", String(repeating: "x", count: 63), "xn--bcher-kva.example",
    ])
    func names(text: String) {
        #expect(complaint(aboutHost: text) == nil)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "-a", "a-.b", "a b", "a/b", "a:80", "*.a", "ä", "10.0.0.1", "a.1", "1", "0x7f",
        "[::1]", "a%b", String(repeating: "x", count: 64), String(repeating: "x.", count: 130) + "x",
    ])
    func noNames(text: String) {
        #expect(complaint(aboutHost: text) != nil)
    }
}
