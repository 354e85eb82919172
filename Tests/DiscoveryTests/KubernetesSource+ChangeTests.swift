import Mesh
import Reactor
import Support
import Testing

@testable import Discovery

/// Other settings while the source runs.
struct KubernetesSourceChangeTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI.withSurroundings()
    }

    private static let everything: Set<DiscoveryResource> = [.services, .ingresses, .nodes, .pods]

    private func watch(interval: Duration = .seconds(3600)) throws -> Watch {
        let watch = try Watch(api, resolver: Resolver()) {
            $0.interval = interval
            $0.resources = Self.everything
        }
        watch.witness.onTopology = { [unowned watch] _ in watch.source?.watch(["node-00001", "node-00003"]) }
        try watch.topology { $0.services.count == 13 }
        return watch
    }

    private func change(
        _ watch: Watch, interval: Duration = .seconds(3600), _ resources: Set<DiscoveryResource>
    ) {
        watch.source?.change(interval: interval, resources: resources, probesAPIServer: false)
    }

    /// What is not wanted is gone at once, all else stays, and nobody asks the server for anything.
    @Test func fewerResources() throws {
        let watch = try watch()
        api.forgetExchanges()
        let count = watch.witness.topologies.count
        change(watch, [.ingresses, .nodes])
        let topology = try #require(watch.witness.topologies.last)
        #expect(watch.witness.topologies.count == count + 1)
        #expect(!topology.services.isEmpty && topology.services.allSatisfy { $0.channel == .ingress })
        #expect(topology["node-00003"]?.networks == [] && topology["node-00003"]?.nodeAddresses.count == 2)
        change(watch, [.ingresses])
        #expect(watch.witness.topologies.last?["node-00003"]?.nodeAddresses == [])
        #expect(watch.witness.topologies.last?.peers.count == topology.peers.count)
        #expect(api.exchanges.isEmpty)
    }

    @Test func moreResourcesAreReadAtOnce() throws {
        let watch = try watch()
        let before = watch.witness.topologies.last
        change(watch, [])
        #expect(watch.witness.topologies.last?.services == [])
        change(watch, Self.everything)
        #expect(try watch.topology { $0.services.count == 13 && $0["node-00003"]?.networks.count == 2 } == before)
    }

    @Test func theSameSettingsChangeNothing() throws {
        let watch = try watch()
        api.forgetExchanges()
        let count = watch.witness.topologies.count
        change(watch, Self.everything)
        watch.loop.turn(until: .now() + .milliseconds(20))
        #expect(watch.witness.topologies.count == count && api.exchanges.isEmpty)
    }

    /// Before the first discovery has succeeded there is no mesh, not even an empty one.
    @Test func nothingIsToldBeforeThePeersAreKnown() throws {
        let port = try FreePort()
        let watch = try Watch(APIServer(url: "https://\(port.address)")) { $0.interval = .seconds(3600) }
        #expect(try watch.next() == .failed(.refused))
        watch.source?.change(interval: .seconds(3600), resources: Self.everything, probesAPIServer: true)
        watch.loop.turn(until: .now() + .milliseconds(20))
        #expect(watch.witness.topologies.isEmpty)
    }

    @Test func aShorterIntervalHoldsAtOnce() throws {
        let watch = try watch()
        let (told, services) = (watch.witness.told.count, watch.witness.successes.count { $0.resource == .services })
        change(watch, interval: .milliseconds(50), Self.everything)
        try watch.loop.turn(until: "looks at the peers and the rest") {
            watch.witness.told.count >= told + 2
                && watch.witness.successes.count { $0.resource == .services } >= services + 2
        }
    }

    /// The look that is under way asks for what nobody wants any more: whatever comes of it is nothing to anybody.
    @Test func whatIsUnderWayIsNotTold() throws {
        let watch = try watch(interval: .milliseconds(50))
        api.fail(.hang) { $0.path.hasSuffix("/services") }
        api.forgetExchanges()
        try watch.loop.turn(until: "a request for Services") { api.askedBeside.contains("services versions") }
        let services = watch.witness.successes.count { $0.resource == .services }
        let ingresses = watch.witness.successes.count { $0.resource == .ingresses }
        change(watch, interval: .milliseconds(50), [.ingresses])
        try api.heal()
        api.hangUp()
        try watch.successes(ingresses + 2, of: .ingresses)
        #expect(watch.witness.successes.count { $0.resource == .services } == services)
        #expect(watch.witness.otherFailures.isEmpty)
        #expect(watch.witness.topologies.last?.services.allSatisfy { $0.channel == .ingress } == true)
    }
}
