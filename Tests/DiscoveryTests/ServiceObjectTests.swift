import Documents
import Mesh
import Support
import Testing

@testable import Discovery

/// A Service in the API's own words.
private func service(_ spec: String, balancers: String = "") throws -> (service: NamedService?, invalid: [String]) {
    let text =
        #"{"kind":"Service","metadata":{"name":"s","resourceVersion":"7"},"spec":{\#(spec)},"#
        + #""status":{"loadBalancer":{\#(balancers)}}}"#
    return try ServiceObject(document: Array(text.utf8)).service()
}

private let http = #""ports":[{"name":"http","protocol":"TCP","port":8900,"nodePort":30000}]"#

struct ServiceObjectTests {
    /// Every kind of Service that a real API server has, as it came.
    @Test func theRecordedServices() throws {
        let objects = try ListPage(
            document: Recording("100/list/services-selected.json").body, item: ServiceObject.init
        ).items
        let found = objects.map { $0.service() }
        #expect(found.flatMap(\.invalid).isEmpty)
        #expect(
            found.compactMap(\.service) == [
                NamedService(
                    channel: .clusterIP, name: "heartmesh", port: 8900,
                    addresses: addresses("10.96.47.6", "fd00:96::4de0")),
                NamedService(
                    channel: .loadBalancer, name: "heartmesh-lb", port: 8900,
                    addresses: addresses("198.51.100.10", "2001:db8:10::10")),
                NamedService(
                    channel: .loadBalancer, name: "heartmesh-lb-hostname", port: 8900,
                    names: ["heartmesh-1234.elb.lab.example"]),
                NamedService(channel: .loadBalancer, name: "heartmesh-lb-pending", port: 8900),
                NamedService(
                    channel: .loadBalancer, name: "heartmesh-lb-proxy", port: 8900,
                    addresses: addresses("198.51.100.11")),
                NamedService(channel: .nodePort, name: "heartmesh-nodeport", port: 30890),
                NamedService(channel: .nodePort, name: "heartmesh-nodeport-local", port: 32346),
                NamedService(
                    channel: .clusterIP, name: "heartmesh-v6", port: 8900, addresses: addresses("fd00:96::8450")),
            ])
        #expect(
            objects.map(\.name).contains("heartmesh-headless") && objects.map(\.name).contains("heartmesh-external"))
    }

    /// Trap 2: what has no address yet is pending, and not the prober itself; `None` is not the name of a host.
    @Test func whatHasNoAddressIsPendingOrNothing() throws {
        let pending = try #require(try service(#""type":"LoadBalancer","clusterIP":"10.0.0.1",\#(http)"#).service)
        #expect(pending.resolved { _ in nil }?.isPending == true)
        let entry = #""ingress":[{"hostname":"lb.example"}]"#
        let named = try #require(try service(#""type":"LoadBalancer",\#(http)"#, balancers: entry).service)
        #expect(named.addresses.isEmpty && named.names == ["lb.example"])
        #expect(named.resolved { _ in nil } == nil)
        #expect(named.resolved { _ in [] }?.unresolved == ["lb.example"])
        #expect(named.resolved { _ in addresses("192.0.2.1") }?.addresses == addresses("192.0.2.1"))
        for spec in [
            #""clusterIP":"None","clusterIPs":["None"],\#(http)"#, #""type":"ClusterIP","clusterIP":"None""#,
            #""type":"ExternalName","externalName":"beat.example.org""#,
        ] {
            let found = try service(spec)
            #expect(found.service == nil && found.invalid.isEmpty)
        }
    }

    /// Trap 9: all addresses of both families, and all entries of a load balancer.
    @Test func allAddressesAreTaken() throws {
        #expect(
            try service(#""clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1","fd00::1"],\#(http)"#).service?.addresses
                == addresses("10.0.0.1", "fd00::1"))
        let entries =
            #""ingress":[{"ip":"192.0.2.1"},{"hostname":"a.example"},{"ip":"2001:db8::1"},{"hostname":"b.example"},{},"#
            + #"{"ip":"192.0.2.2","hostname":"c.example","ipMode":"VIP"}]"#
        let found = try service(#""type":"LoadBalancer",\#(http)"#, balancers: entries)
        #expect(found.service?.addresses == addresses("192.0.2.1", "2001:db8::1", "192.0.2.2"))
        #expect(found.service?.names == ["a.example", "b.example"])
        #expect(found.invalid.isEmpty)
    }

    @Test(arguments: [
        (#""type":"ClusterIP""#, Channel.clusterIP), ("", .clusterIP),
        (#""internalTrafficPolicy":"Cluster""#, .clusterIP), (#""internalTrafficPolicy":"Local""#, .hairpin),
        (#""internalTrafficPolicy":null"#, .clusterIP), (#""type":"NodePort""#, .nodePort),
        (#""type":"NodePort","internalTrafficPolicy":"Local""#, .nodePort), (#""type":"LoadBalancer""#, .loadBalancer),
    ])
    func theChannelFollowsFromTheTypeAndThePolicy(spec: String, channel: Channel) throws {
        let found = try service((spec.isEmpty ? "" : spec + ",") + #""clusterIP":"10.0.0.1","# + http)
        #expect(found.service?.channel == channel)
        #expect(found.service?.port == (channel == .nodePort ? 30000 : 8900))
        #expect(found.service?.addresses == (channel == .clusterIP || channel == .hairpin ? addresses("10.0.0.1") : []))
    }

    /// Traps 18 and 10: a node port has the families of its Service.
    @Test(arguments: [
        (#""clusterIP":"10.0.0.1""#, [IPFamily.ipv4]), (#""clusterIPs":["fd00::1"]"#, [.ipv6]),
        (#""clusterIPs":["10.0.0.1","fd00::1"]"#, [.ipv4, .ipv6]),
    ])
    func aNodePortHasFamiliesAndNoAddresses(spec: String, families: [IPFamily]) throws {
        let found = try service(#""type":"NodePort",\#(spec),\#(http)"#).service
        #expect(found?.families == Set(families))
        #expect(found?.addresses == [])
    }

    @Test(arguments: [
        (#"[{"port":80}]"#, 80 as UInt16?), (#"[{"name":"web","port":80}]"#, 80),
        (#"[{"name":"web","port":80},{"name":"http","port":81}]"#, 81),
        (#"[{"name":"udp","protocol":"UDP","port":80},{"name":"web","protocol":"TCP","port":81}]"#, 81),
        (#"[{"name":"http","protocol":"UDP","port":80},{"name":"web","port":81}]"#, 81),
        (#"[{"name":"web","port":80},{"name":"other","port":81}]"#, nil), ("[]", nil), ("null", nil),
        (#"[{"protocol":"SCTP","port":80}]"#, nil), (#"[{"port":0}]"#, nil), (#"[{"port":65536}]"#, nil),
    ])
    func thePortIsTheOneNamedHTTPOrTheOnlyOne(ports: String, expected: UInt16?) throws {
        let found = try service(#""clusterIP":"10.0.0.1","ports":\#(ports)"#)
        #expect(found.service?.port == expected)
        #expect(
            found.invalid
                == (expected == nil ? ["Service s: no TCP port named http, and not one TCP port alone"] : []))
    }

    /// Trap 19: what is bad in one object is told once, and the rest of it is used.
    @Test func badAddressesAreOneText() throws {
        let found = try service(#""clusterIPs":["10.0.0.1","10.0.0.300","x"],\#(http)"#)
        #expect(found.service?.addresses == addresses("10.0.0.1"))
        #expect(found.invalid == [#"Service s: not an address: "10.0.0.300", "x""#])
        let entries = #""ingress":[{"ip":"1.2.3"},{"hostname":"a b"},{"hostname":"10.0.0.300"},{"ip":"192.0.2.1"}]"#
        let balanced = try service(#""type":"LoadBalancer",\#(http)"#, balancers: entries)
        #expect(balanced.service?.addresses == addresses("192.0.2.1") && balanced.service?.names == [])
        #expect(balanced.invalid == [#"Service s: not an address: "1.2.3", "a b", "10.0.0.300""#])
        #expect(try service(#""type":"Other",\#(http)"#).invalid == ["Service s: type Other"])
    }

    @Test(arguments: [
        "{}", "[]", "null", #"{"metadata":{"resourceVersion":"7"}}"#,
        #"{"metadata":{"name":"s"},"spec":{"ports":{}}}"#, #"{"metadata":{"name":"s"},"spec":{"clusterIPs":"x"}}"#,
        #"{"metadata":{"name":"s"},"status":{"loadBalancer":{"ingress":[[]]}}}"#,
    ])
    func otherDocumentsAreRefused(text: String) {
        #expect(throws: JSONError.self) { try ServiceObject(document: Array(text.utf8)) }
    }
}
