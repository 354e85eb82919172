import Mesh
import Reactor
import Support
import Testing

@testable import Discovery

/// Whatever happens to what is beside the peers, the peers do not notice.
struct KubernetesSourceResourceFailureTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI.withSurroundings()
    }

    private func watch(
        interval: Duration = .milliseconds(50), _ change: (inout KubernetesSource.Settings) -> Void = { _ in }
    ) throws -> Watch {
        let watch = try Watch(api, resolver: Resolver()) {
            $0.interval = interval
            $0.resources = [.services, .ingresses, .nodes, .pods]
            $0.bytesPerLook = 1 << 30
            change(&$0)
        }
        watch.witness.onTopology = { [unowned watch] _ in watch.source?.watch(["node-00001", "node-00003"]) }
        return watch
    }

    private static let parts: [(DiscoveryResource, String)] = [
        (.services, "/services"), (.ingresses, "/ingresses"), (.nodes, "/nodes"), (.pods, "/pods"),
    ]

    /// Without a ClusterRole, say: the rest is there, and what was known stays.
    @Test(arguments: parts) func aForbiddenResourceHurtsNothingElse(
        resource: DiscoveryResource, part: String
    ) throws {
        api.fail(.forbidden) { $0.path.contains(part) }
        let watch = try watch()
        try watch.topology { $0.services.count > 0 || resource == .services && $0["node-00000"]?.networks.count == 3 }
        let last = try #require(watch.witness.topologies.last)
        #expect(last.services.contains { $0.channel == .clusterIP } == (resource != .services))
        #expect(last.services.contains { $0.channel == .ingress } == (resource != .ingresses))
        #expect(last["node-00001"]?.nodeAddresses.isEmpty == (resource == .nodes))
        #expect(last["node-00003"]?.networks.isEmpty == (resource == .pods))
        try watch.loop.turn(until: "some failures") { watch.witness.otherFailures.count >= 3 }
        #expect(watch.witness.otherFailures.allSatisfy { $0.resource == resource && $0.failure.reason == .forbidden })
        #expect(watch.witness.failures.isEmpty)
        try api.heal()
        let whole = try watch.topology {
            $0.services.count == 13 && $0["node-00003"]?.nodeAddresses.count == 2
                && $0["node-00003"]?.networks.count == 2
        }
        // And when it fails again, nothing is lost.
        api.fail(.serverError) { $0.path.contains(part) }
        let count = watch.witness.otherFailures.count
        try watch.loop.turn(until: "more failures") { watch.witness.otherFailures.count > count + 1 }
        #expect(watch.witness.topologies.last == whole)
    }

    /// Nodes and pods are seldom read again. Each look confirms them all the same: otherwise the time of their last
    /// success would grow old, and an alert would fire for nothing. After a failure only an answer confirms.
    @Test func whatIsKnownIsConfirmedAndWhatFailedIsReadAgain() throws {
        let watch = try watch { $0.bytesPerLook = 0 }
        try watch.topology { $0["node-00003"]?.nodeAddresses.count == 2 && $0["node-00003"]?.networks.count == 2 }
        func successes(_ resource: DiscoveryResource) -> Int {
            watch.witness.successes.count { $0.resource == resource }
        }
        let start = successes(.services)
        try watch.loop.turn(until: "some looks") { successes(.services) >= start + 5 }
        #expect(successes(.nodes) >= 5 && successes(.pods) >= 5)

        api.fail(.serverError, next: 1) { $0.path.contains("/nodes/") }
        try watch.loop.turn(until: "a node is read again") { !watch.witness.otherFailures.isEmpty }
        api.forgetExchanges()
        let before = successes(.nodes)
        try watch.loop.turn(until: "success") { successes(.nodes) > before }
        #expect(api.askedBeside.contains { $0.hasPrefix("node") })
    }

    /// A time-out is not waited for once more for each resource, and the peers are looked for all the time.
    @Test func aTimeOutEndsTheLookButNotThePeers() throws {
        let watch = try watch(interval: .milliseconds(100)) { $0.timeout = .milliseconds(300) }
        try watch.topology { $0.services.count == 13 }
        api.fail(.hang) { !$0.path.contains("endpointslices") }
        api.forgetExchanges()
        let told = watch.witness.told.count
        try watch.loop.turn(until: "two time-outs") { watch.witness.otherFailures.count == 2 }
        #expect(watch.witness.otherFailures.allSatisfy { $0.failure.reason == .timeout && $0.resource == .services })
        #expect(api.askedBeside == ["services versions", "services versions"])
        #expect(watch.witness.told.count >= told + 3)
        #expect(watch.witness.failures.isEmpty)
        try api.heal()
        try api.change("services") { try $0.remove("heartmesh-v6") }
        try watch.topology { $0.services.count == 12 }
    }

    @Test func retryAfterIsOfThatResourceAlone() throws {
        let watch = try watch()
        try watch.topology { $0.services.count == 13 }
        api.fail(.tooManyRequests(retryAfter: 600), next: 1) { $0.path.hasSuffix("/services") }
        try watch.loop.turn(until: "the failure") { !watch.witness.otherFailures.isEmpty }
        #expect(watch.witness.otherFailures[0].failure.reason == .throttled)
        api.forgetExchanges()
        let ingresses = watch.witness.successes.count { $0.resource == .ingresses }
        try watch.successes(ingresses + 3, of: .ingresses)
        #expect(!api.askedBeside.contains { $0.hasPrefix("services") })
        #expect(api.askedBeside.contains { $0.hasPrefix("node-") })
        #expect(watch.witness.failures.isEmpty)
    }

    /// Trap 19: one bad object is one text; traps 35: nothing of it ends the program.
    @Test func oneBadObjectIsOneText() throws {
        api.fail(.invalidJSON) { $0.path.hasSuffix("/nodes/node-00001") }
        try api.change("pods") { pods in
            try pods.edit("heartmesh-00003") {
                $0 = Array(String(decoding: $0, as: UTF8.self).replacing(#"\"172.28.0.4\""#, with: #"\"1.2.3\""#).utf8)
            }
        }
        try api.change("services") { services in
            try services.edit("heartmesh") {
                $0 = Array(String(decoding: $0, as: UTF8.self).replacing("fd00:96::4de0", with: "fd00:96::xyz").utf8)
            }
        }
        let watch = try watch(interval: .seconds(3600))
        let topology = try watch.topology { $0.services.count == 13 }
        #expect(topology["node-00001"]?.nodeAddresses == [] && topology["node-00003"]?.nodeAddresses.count == 2)
        #expect(topology["node-00003"]?.networks.map(\.address) == addresses("fd00:28::4"))
        #expect(topology.services[0].addresses == addresses("10.96.47.6"))
        func invalid(_ resource: DiscoveryResource) -> [String] {
            watch.witness.successes.last { $0.resource == resource }?.invalid ?? []
        }
        #expect(invalid(.services) == [#"Service heartmesh: not an address: "fd00:96::xyz""#])
        #expect(invalid(.nodes).count == 1 && invalid(.nodes)[0].hasPrefix("Node node-00001: byte "))
        #expect(
            invalid(.pods) == [
                #"Pod heartmesh-00003: annotation k8s.v1.cni.cncf.io/network-status: "1.2.3" is not an IP address"#
            ])
        #expect(invalid(.ingresses).isEmpty)
        #expect(watch.witness.otherFailures.isEmpty)
    }

    /// When no object is what it should be, it is not the API server that answers.
    @Test func allBadObjectsAreAFailure() throws {
        api.fail(.invalidJSON) { $0.path.contains("/nodes/") }
        let watch = try watch()
        try watch.loop.turn(until: "failures") { watch.witness.otherFailures.count >= 2 }
        #expect(watch.witness.otherFailures.allSatisfy { $0.resource == .nodes && $0.failure.reason == .invalid })
        try api.heal()
        try watch.topology { $0["node-00003"]?.nodeAddresses.count == 2 }
    }

    /// One node that fails again and again does not hold up the others.
    @Test func oneFailingNodeIsOneNode() throws {
        api.fail(.serverError) { $0.path.hasSuffix("/nodes/node-00000") }
        let watch = try watch()
        let topology = try watch.topology { $0["node-00003"]?.nodeAddresses.count == 2 }
        #expect(topology["node-00001"]?.nodeAddresses.count == 2)
        #expect(topology["node-00000"]?.nodeAddresses == [])
    }

    @Test func nothingIsLeftWhenItIsLetGoOf() throws {
        for failure in [Failure.hang, .serverError] {
            for (_, part) in Self.parts {
                try api.heal()
                api.forgetExchanges()
                api.fail(failure) { $0.path.contains(part) }
                let watch = try watch()
                weak let source = watch.source
                try watch.loop.turn(until: "the request") { api.exchanges.contains { $0.request.path.contains(part) } }
                watch.releaseSource()
                #expect(source == nil)
                #expect(watch.transfers.activeCount == 0)
                let told = watch.witness.successes.count + watch.witness.otherFailures.count
                for _ in 0..<5 { watch.loop.turn(until: Instant.now() + .milliseconds(5)) }
                #expect(watch.witness.successes.count + watch.witness.otherFailures.count == told)
            }
        }
    }
}
