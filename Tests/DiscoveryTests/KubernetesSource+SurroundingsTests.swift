import Mesh
import Reactor
import Support
import Testing

@testable import Discovery

private let slices = "100/list/endpointslices-of-service.json"

extension RecordedAPI {
    /// A hundred nodes with all that leads to them.
    static func withSurroundings() throws -> RecordedAPI {
        let api = try RecordedAPI(serving: slices)
        for name in ["nodes", "pods-selected", "services-selected", "ingresses"] {
            try api.serve(list: "100/list/\(name).json")
        }
        return api
    }

    /// Of the requests so far: the last parts of their paths, with `versions` for lists of those, without the peers'.
    var askedBeside: [String] {
        exchanges.filter { !$0.request.path.contains("endpointslices") }.map { exchange in
            let name = exchange.request.path.split(separator: "/").last.map(String.init) ?? ""
            return exchange.request.isForVersions ? "\(name) versions" : name
        }
    }
}

extension Watch {
    /// Waits for the next topology that fulfils the condition.
    @discardableResult
    func topology(_ what: String = "a topology", where isMeant: (Topology) -> Bool = { _ in true }) throws -> Topology {
        var next = witness.topologies.count
        var found: Topology?
        try loop.turn(until: what) {
            while found == nil, next < witness.topologies.count {
                if isMeant(witness.topologies[next]) { found = witness.topologies[next] }
                next += 1
            }
            return found != nil
        }
        return found!
    }

    /// Waits until a resource is told to have been read so many times in all.
    func successes(_ count: Int, of resource: DiscoveryResource) throws {
        try loop.turn(until: "\(count) times \(resource)") {
            witness.successes.count { $0.resource == resource } >= count
        }
    }
}

struct KubernetesSourceSurroundingsTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI.withSurroundings()
    }

    /// All that there is, with intervals that no test waits for.
    private func watch(
        resolver: Resolver = Resolver(), watching nodes: [String] = ["node-00001", "node-00003"],
        _ change: (inout KubernetesSource.Settings) -> Void = { _ in }
    ) throws -> Watch {
        let watch = try Watch(api, resolver: resolver) {
            $0.interval = .seconds(3600)
            $0.resources = [.services, .ingresses, .nodes, .pods]
            change(&$0)
        }
        watch.witness.onTopology = { [unowned watch] _ in watch.source?.watch(nodes) }
        return watch
    }

    /// The peers first, and then all the rest in one.
    @Test func twoTopologiesAtTheStart() throws {
        let resolver = Resolver([
            "heartmesh-1234.elb.lab.example": .addresses(["2001:db8::7", "192.0.2.9", "192.0.2.7"])
        ])
        let watch = try watch(resolver: resolver)
        #expect(try watch.topology() == api.topology())
        let whole = try watch.topology()
        #expect(whole.services.count == 13)
        #expect(
            whole.services.first { $0.name == "heartmesh-lb-hostname" }?.addresses
                == addresses("192.0.2.7", "192.0.2.9", "2001:db8::7"))
        let wild = whole.services.first { $0.host == "heartmesh.wild.lab.example" }
        #expect(wild?.unresolved == ["ingress-5678.elb.lab.example"] && wild?.addresses == [])
        #expect(
            whole.services.filter(\.isPending).map(\.name) == ["heartmesh-lb-pending", "heartmesh-pending/"])
        #expect(whole["node-00000"]?.nodeAddresses == addresses("172.20.0.1", "fd00:20::1"))
        #expect(whole["node-00001"]?.nodeAddresses == addresses("172.20.0.2", "fd00:20::2"))
        #expect(whole["node-00002"]?.nodeAddresses == [])
        #expect(
            whole["node-00003"]?.networks.map(\.network) == ["heartmesh/storage-net", "heartmesh/storage-net"])
        #expect(whole["node-00001"]?.networks == [])
        // Once each; this node's own pod first, which tells whether the others' are wanted.
        #expect(
            api.askedBeside == [
                "services", "ingresses", "node-00000", "node-00001", "node-00003", "heartmesh-00000", "heartmesh-00001",
                "heartmesh-00003",
            ])
        #expect(resolver.asked == [["heartmesh-1234.elb.lab.example", "ingress-5678.elb.lab.example"]])
        #expect(
            watch.witness.successes.map(\.resource) == [.services, .ingresses, .nodes, .pods, .pods, .names]
                && watch.witness.successes.allSatisfy(\.invalid.isEmpty))
        #expect(watch.witness.otherFailures.isEmpty)
        #expect(watch.witness.topologies.count == 2)
        #expect(Set(watch.witness.otherBytes.keys) == [.services, .ingresses, .nodes, .pods])
        let request = try #require(api.exchanges.first { $0.request.path.hasSuffix("/services") }).request
        #expect(request.path == "/api/v1/namespaces/heartmesh/services")
        #expect(
            request.query == [
                "labelSelector": "app.kubernetes.io/name=heartmesh", "limit": "500", "resourceVersion": "0",
            ])
    }

    private static let readings: [(Set<DiscoveryResource>, [String])] = [
        ([], []), ([.services], ["services"]), ([.ingresses], ["ingresses"]),
        ([.nodes], ["node-00000", "node-00001", "node-00003"]),
        ([.pods], ["heartmesh-00000", "heartmesh-00001", "heartmesh-00003"]),
    ]

    @Test(arguments: readings)
    func whatIsNotWantedIsNotRead(resources: Set<DiscoveryResource>, expected: [String]) throws {
        let watch = try watch { $0.resources = resources }
        try watch.topology()
        if !resources.isEmpty { try watch.topology() }
        #expect(api.askedBeside == expected)
    }

    @Test func laterLooksTakeTheVersionsAndOneNodeAndOnePod() throws {
        let watch = try watch {
            $0.interval = .milliseconds(50)
            $0.bytesPerLook = 1 << 30
        }
        try watch.successes(6, of: .pods)
        var asked = api.askedBeside.dropFirst(8)
        var nodes: [String] = []
        while asked.count >= 4 {
            #expect(asked.prefix(2) == ["services versions", "ingresses versions"])
            nodes.append(asked.dropFirst(2).first ?? "")
            #expect(asked.dropFirst(3).first?.hasPrefix("heartmesh-0000") == true)
            asked = asked.dropFirst(4)
        }
        // The one whose turn it is.
        #expect(nodes.prefix(3) == ["node-00000", "node-00001", "node-00003"])
        #expect(watch.witness.topologies.count == 2)
        #expect(watch.witness.told.dropFirst().allSatisfy { $0 == .confirmed })
    }

    @Test func whatChangesIsTold() throws {
        let watch = try watch { $0.interval = .milliseconds(50) }
        try watch.topology { $0.services.count == 13 }
        try api.change("services") { try $0.remove("heartmesh-v6") }
        #expect(try watch.topology { $0.services.count == 12 }.services.contains { $0.name == "heartmesh-v6" } == false)
        try api.change("services") { services in
            try services.edit("heartmesh") {
                $0 = Array(String(decoding: $0, as: UTF8.self).replacing("10.96.47.6", with: "10.96.47.7").utf8)
            }
        }
        try watch.topology { $0.services[0].addresses.first == addresses("10.96.47.7")[0] }
        try api.change("nodes") { nodes in
            try nodes.edit("node-00003") {
                $0 = Array(String(decoding: $0, as: UTF8.self).replacing("172.20.0.4", with: "172.20.9.9").utf8)
            }
        }
        try watch.topology { $0["node-00003"]?.nodeAddresses.first == addresses("172.20.9.9")[0] }
        // There may be none: an empty list is believed.
        try api.change("services") { $0.removeAll() }
        try watch.topology { !$0.services.isEmpty && $0.services.allSatisfy { $0.channel == .ingress } }
    }

    @Test func nodesThatComeToBeWatchedAreReadAtOnce() throws {
        let watch = try watch()
        try watch.topology { $0.services.count == 13 }
        api.forgetExchanges()
        watch.source?.watch(["node-00001", "node-00006", "node-00009"])
        watch.source?.watch(["node-00001", "node-00006", "node-00009"])
        watch.witness.onTopology = { _ in }
        let topology = try watch.topology()
        #expect(api.askedBeside == ["node-00006", "node-00009", "heartmesh-00006", "heartmesh-00009"])
        #expect(topology["node-00009"]?.nodeAddresses.count == 2 && topology["node-00009"]?.networks.count == 2)
        // What is not watched any more is forgotten.
        #expect(topology["node-00003"]?.nodeAddresses == [])
        #expect(watch.witness.topologies.count == 3)
    }

    /// One that has no secondary interface can't reach the others'.
    @Test func withoutANetworkOfItsOwnNoOtherPodIsRead() throws {
        let watch = try watch { $0.node = "node-00001" }
        try watch.topology { $0.services.count == 13 }
        #expect(api.askedBeside.filter { $0.hasPrefix("heartmesh-") } == ["heartmesh-00001"])
        try api.change("pods") { pods in
            try pods.edit("heartmesh-00001") {
                let status = ##""k8s.v1.cni.cncf.io/network-status":"[{\"name\":\"n\",\"ips\":[\"10.1.0.1\"]}]","##
                let text = String(decoding: $0, as: UTF8.self)
                $0 = Array(text.replacing(##""prometheus.io/port""##, with: status + ##""prometheus.io/port""##).utf8)
            }
        }
        let other = try self.watch {
            $0.node = "node-00001"
            $0.interval = .milliseconds(50)
        }
        try other.topology { $0["node-00003"]?.networks.count == 2 }
    }

    /// A new pod on the node: its interfaces are other ones, and perhaps the node too.
    @Test func anotherPodIsReadAnew() throws {
        let watch = try watch {
            $0.confirmPause = .zero
        }
        try watch.topology { $0.services.count == 13 }
        let uid = try #require(api.list("pods")?.objects.first { $0.name == "heartmesh-00003" }).text
            .firstMatch(of: /"uid":"([^"]*)"/)?.output.1
        try api.change { slices in
            try slices.changeEndpoints(ofNode: "node-00003") {
                Array(
                    String(decoding: $0, as: UTF8.self).replacing(uid ?? "", with: "new")
                        .replacing("heartmesh-00003", with: "heartmesh-00006").utf8)
            }
        }
        api.forgetExchanges()
        watch.source?.confirm { _ in }
        #expect(try watch.topology()["node-00003"]?.networks == [])
        let topology = try watch.topology()
        #expect(
            topology["node-00003"]?.networks.map(\.address) == addresses("172.28.0.7", "fd00:28::7", "192.168.0.7"))
        #expect(topology["node-00003"]?.nodeAddresses.count == 2)
        #expect(api.askedBeside == ["node-00003", "heartmesh-00006"])
    }

    @Test func whatIsGoneHasNoAddresses() throws {
        try api.change("nodes") { try $0.remove("node-00001") }
        try api.change("pods") { try $0.remove("heartmesh-00003") }
        let watch = try watch()
        let topology = try watch.topology { $0.services.count == 13 }
        #expect(topology["node-00001"]?.nodeAddresses == [] && topology["node-00003"]?.networks == [])
        #expect(topology["node-00003"]?.nodeAddresses.count == 2)
        #expect(watch.witness.otherFailures.isEmpty)
        #expect(api.askedBeside.count == 8)
    }

    /// The slices have the zones of the nodes; where they have none, the node's label counts.
    @Test func theZoneOfANode() throws {
        try api.change { slices in
            for node in ["node-00001", "node-00002"] {
                try slices.changeEndpoints(ofNode: node) {
                    Array(String(decoding: $0, as: UTF8.self).replacing(/,"zone":"[^"]*"/, with: "").utf8)
                }
            }
            try slices.changeEndpoints(ofNode: "node-00003") {
                Array(String(decoding: $0, as: UTF8.self).replacing(/"zone":"[^"]*"/, with: #""zone":"other""#).utf8)
            }
        }
        let topology = try watch().topology { $0.services.count == 13 }
        #expect(["node-00001", "node-00002", "node-00003"].map { topology[$0]?.zone } == ["lab-1b", "", "other"])
    }

    /// A peer that fails asks for a look at the peers, not at all the rest.
    @Test func aConfirmationIsOfThePeers() throws {
        let watch = try watch { $0.confirmPause = .zero }
        try watch.topology { $0.services.count == 13 }
        api.forgetExchanges()
        watch.source?.confirm { _ in }
        #expect(try watch.next() == .confirmed)
        #expect(api.askedBeside.isEmpty && api.exchanges.count == 1)
    }
}
