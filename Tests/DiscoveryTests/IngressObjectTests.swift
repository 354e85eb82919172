import Mesh
import Support
import Testing

@testable import Discovery

/// An Ingress in the API's own words.
private func ingress(_ spec: String, balancers: String = "") throws -> (services: [NamedService], invalid: [String]) {
    let text =
        #"{"metadata":{"name":"i","resourceVersion":"7"},"spec":{\#(spec)},"#
        + #""status":{"loadBalancer":{"ingress":[\#(balancers)]}}}"#
    return try IngressObject(document: Array(text.utf8)).services()
}

private func rule(_ host: String, _ paths: String...) -> String {
    let list = paths.map { #"{"path":"\#($0)","pathType":"Prefix","backend":{}}"# }.joined(separator: ",")
    return #"{"host":"\#(host)","http":{"paths":[\#(list)]}}"#
}

struct IngressObjectTests {
    @Test func theRecordedIngresses() throws {
        let objects = try ListPage(
            document: Recording("100/list/ingresses.json").body, item: IngressObject.init
        ).items
        let found = objects.map { $0.services() }
        #expect(found.flatMap(\.invalid).isEmpty)
        let both = addresses("198.51.100.20", "2001:db8:20::20")
        #expect(
            found.flatMap(\.services) == [
                NamedService(
                    channel: .ingress, name: "heartmesh.lab.example/", probe: .https, host: "heartmesh.lab.example",
                    port: 443, addresses: both),
                NamedService(
                    channel: .ingress, name: "beat.lab.example/beat", host: "beat.lab.example", path: "/beat", port: 80,
                    addresses: both),
                // Without a host, the request names the load balancer's.
                NamedService(
                    channel: .ingress, name: "heartmesh-hostname/", host: "ingress-5678.elb.lab.example", port: 80,
                    names: ["ingress-5678.elb.lab.example"]),
                NamedService(
                    channel: .ingress, name: "heartmesh.wild.lab.example/", host: "heartmesh.wild.lab.example",
                    port: 80,
                    names: ["ingress-5678.elb.lab.example"]),
                NamedService(channel: .ingress, name: "heartmesh-pending/", port: 80),
            ])
    }

    /// Trap 36: every rule at every address, with its own host; an IPv6 address stays an address.
    @Test func eachRuleGoesToAllAddresses() throws {
        let found = try ingress(
            #""rules":[\#(rule("a.example", "/", "/x")),\#(rule("b.example", "/"))]"#,
            balancers: #"{"ip":"192.0.2.1"},{"ip":"2001:db8::1"},{"hostname":"lb.example"}"#)
        #expect(found.services.map(\.name) == ["a.example/", "a.example/x", "b.example/"])
        #expect(found.services.map(\.host) == ["a.example", "a.example", "b.example"])
        #expect(found.services.map(\.path) == ["/", "/x", "/"])
        #expect(found.services.allSatisfy { $0.addresses == addresses("192.0.2.1", "2001:db8::1") })
        #expect(found.services.allSatisfy { $0.names == ["lb.example"] && $0.probe == .http && $0.port == 80 })
    }

    @Test(arguments: [
        ("a.example", #"[{"hosts":["a.example"],"secretName":"s"}]"#, true),
        ("a.example", #"[{"secretName":"s"}]"#, true),
        ("a.example", #"[{"hosts":[]}]"#, true), ("a.example", #"[{"hosts":null}]"#, true),
        ("a.example", #"[{"hosts":["b.example"]},{"hosts":["c.example","a.example"]}]"#, true),
        ("a.example", #"[{"hosts":["*.example"]}]"#, true), ("b.a.example", #"[{"hosts":["*.a.example"]}]"#, true),
        ("b.a.example", #"[{"hosts":["*.example"]}]"#, false), ("example", #"[{"hosts":["*.example"]}]"#, false),
        ("*.example", #"[{"hosts":["*.example"]}]"#, true), ("*.example", #"[{"hosts":["a.example"]}]"#, false),
        ("a.example", "[]", false), ("a.example", "null", false), ("a.example", #"[{"hosts":["b.example"]}]"#, false),
        ("", #"[{"hosts":["a.example"]}]"#, false), ("", "[{}]", true),
    ])
    func theHostIsEncryptedWhenItIsUnderTLS(host: String, tls: String, isEncrypted: Bool) throws {
        let found = try ingress(
            #""rules":[\#(rule(host, "/"))],"tls":\#(tls)"#, balancers: #"{"hostname":"a.example"}"#)
        #expect(found.services.map(\.probe) == [isEncrypted ? .https : .http])
        #expect(found.services.map(\.port) == [isEncrypted ? 443 : 80])
    }

    @Test(arguments: [
        (["192.0.2.1"], [], [""], ["i/x"]), ([], ["lb.example"], ["lb.example"], ["i/x"]),
        (["192.0.2.1"], ["lb.example"], ["", "lb.example"], ["i/x", "lb.example/x"]),
        ([], ["b.example", "a.example", "b.example"], ["a.example", "b.example"], ["i/x", "b.example/x"]),
        ([], [], [""], ["i/x"]),
    ])
    func aRuleForAnyHostIsAskedByTheEntrysOwnName(
        ips: [String], names: [String], hosts: [String], titles: [String]
    ) throws {
        let entries = ips.map { #"{"ip":"\#($0)"}"# } + names.map { #"{"hostname":"\#($0)"}"# }
        let found = try ingress(
            #""rules":[{"http":{"paths":[{"path":"/x"}]}}]"#, balancers: entries.joined(separator: ","))
        #expect(found.services.map(\.host) == hosts)
        #expect(found.services.map(\.name) == titles)
        for service in found.services {
            #expect(service.names.allSatisfy { $0 == service.host })
            #expect(service.addresses == (service.host.isEmpty ? ips.flatMap { addresses($0) } : []))
        }
    }

    /// An entry that has both goes by its address and is asked by its name.
    @Test func anEntryWithBoth() throws {
        let found = try ingress(
            #""rules":[\#(rule("", "/"))]"#, balancers: #"{"ip":"192.0.2.1","hostname":"lb.example"}"#)
        #expect(
            found.services == [
                NamedService(
                    channel: .ingress, name: "i/", host: "lb.example", port: 80, addresses: addresses("192.0.2.1"))
            ])
    }

    @Test(arguments: [
        ("/*", "/" as String?), ("/x/*", "/x/"), ("/x", "/x"), ("/x/y.z-~_%20+!,;=:@&'", "/x/y.z-~_%20+!,;=:@&'"),
        ("/x(/|$)(.*)", nil), ("/[a]", nil), ("/{a}", nil), ("/^a", nil), ("/a$", nil), ("/a*", nil), ("/*/a", nil),
        ("/a|b", nil), (#"/a\\.b"#, nil), ("/a b", nil), (#"/a\tb"#, nil), ("/a?b", nil), ("/a#b", nil), ("/ä", nil),
        ("a", nil), ("", "/"),
    ])
    func thePathIsAskedForWhenItCanBe(path: String, expected: String?) throws {
        let found = try ingress(#""rules":[\#(rule("a.example", path, "/good"))]"#)
        #expect(found.services.map(\.path) == [expected, "/good"].compactMap { $0 })
        #expect(found.invalid.count == (expected == nil ? 1 : 0))
    }

    /// Trap 19.
    @Test func whatCannotBeUsedIsToldAndTheRestIsUsed() throws {
        let found = try ingress(
            #""rules":[\#(rule("a b", "/")),\#(rule("a.example", "/(x)", "/")),\#(rule("*", "/"))]"#,
            balancers: #"{"ip":"x"},{"ip":"192.0.2.1"}"#)
        #expect(found.services.map(\.name) == ["a.example/"])
        #expect(found.services.map(\.addresses) == [addresses("192.0.2.1")])
        #expect(
            found.invalid == [
                #"Ingress i: not an address: "x""#, #"Ingress i: the host "a b" is not the name of a host"#,
                #"Ingress i: the path "/(x)" is not the path of a URL"#,
                #"Ingress i: the host "*" is not the name of a host"#,
            ])
    }

    @Test func theDefaultBackend() throws {
        let backend = #""defaultBackend":{"service":{"name":"heartmesh"}}"#
        #expect(try ingress(backend).services.map(\.name) == ["i/"])
        // With rules it answers for what is left; alone it answers for a rule without paths.
        #expect(try ingress(#"\#(backend),"rules":[\#(rule("a.example", "/x"))]"#).services.map(\.path) == ["/x"])
        #expect(try ingress(#"\#(backend),"rules":[{"host":"a.example"}]"#).services.map(\.name) == ["a.example/"])
        #expect(try ingress(#""rules":[{"host":"a.example"}]"#).services.isEmpty)
        #expect(try ingress("").services.isEmpty)
    }

    @Test func equalRulesOfSeveralIngressesAreOneService() {
        let one = NamedService(
            channel: .ingress, name: "a/", host: "a", port: 80, addresses: addresses("192.0.2.1"), names: ["x"])
        var two = one
        two.addresses = addresses("192.0.2.2", "192.0.2.1")
        two.names = ["x", "y"]
        var encrypted = one
        encrypted.probe = .https
        let merged = [one, two, encrypted].merged()
        #expect(merged.map(\.addresses) == [addresses("192.0.2.1", "192.0.2.2"), addresses("192.0.2.1")])
        #expect(merged.map(\.names) == [["x", "y"], ["x"]])
    }
}
