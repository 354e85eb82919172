import Mesh
import Reactor
import Support
import Testing

@testable import Discovery

/// A source that starts while the API server is away, with what an earlier one has left on disk.
struct KubernetesSourceCacheTests {
    private let api: RecordedAPI
    private let folder: TemporaryFolder

    init() throws {
        api = try RecordedAPI(serving: "100/list/endpointslices-of-service.json")
        for name in ["nodes", "pods-selected", "services-selected", "ingresses"] {
            try api.serve(list: "100/list/\(name).json")
        }
        folder = try TemporaryFolder()
        // One that is ending is not kept.
        try api.change { try $0.removeEndpoints(ofNode: "node-00015") }
        #expect(try api.topology().peers.allSatisfy { $0.state != .draining })
    }

    private func watch(
        mesh: String = "default", _ change: (inout KubernetesSource.Settings) -> Void = { _ in }
    ) throws -> Watch {
        let watch = try Watch(api, resolver: Resolver(), cache: (folder.path, mesh)) {
            $0.resources = [.services, .nodes]
            $0.interval = .milliseconds(100)
            change(&$0)
        }
        watch.witness.onTopology = { [unowned watch] _ in watch.source?.watch(["node-00001"]) }
        return watch
    }

    /// Runs a source until all that it knows is on disk.
    @discardableResult
    private func fill() throws -> Topology {
        let watch = try watch()
        let topology = try watch.topology { !$0.services.isEmpty && $0["node-00001"]?.nodeAddresses.isEmpty == false }
        try watch.loop.turn(until: "it is on disk") {
            (try? TopologyDocument(document: readFile(folder["topology.json"])))?.topology == topology
        }
        return topology
    }

    @Test func aFailureBringsBackWhatWasKnown() throws {
        let topology = try fill()
        api.fail(.serverError)
        let watch = try watch()
        #expect(try watch.next() == .failed(.serverError))
        #expect(watch.witness.topologies == [topology])
        #expect(watch.witness.restored.count == 1 && watch.witness.restored[0] < .seconds(60))
        for _ in 0..<3 { #expect(try watch.next() == .failed(.serverError)) }
        #expect(watch.witness.topologies.count == 1 && watch.witness.restored.count == 1)
        // An answer that says the same is no news, down to what leads to the peers.
        try api.heal()
        #expect(try watch.next() == .confirmed)
        try watch.successes(2, of: .nodes)
        #expect(watch.witness.topologies.count == 1)
    }

    @Test func aSilentServerIsNotWaitedForLong() throws {
        let topology = try fill()
        api.fail(.hang)
        let watch = try watch { $0.restorePatience = .milliseconds(200) }
        let start = Instant.now()
        #expect(try watch.topology() == topology)
        #expect(Instant.now() - start >= .milliseconds(199))
        #expect(watch.witness.told.isEmpty)
    }

    /// Nothing of it counts against an answer, not even against one that has much less.
    @Test func theAnswerIsBelieved() throws {
        try fill()
        api.refuse()
        let watch = try watch { $0.resources = [] }
        #expect(try watch.next() == .failed(.refused))
        #expect(watch.witness.topologies.map(\.peers.count) == [98])
        for node in try api.topology().peers.prefix(88).map(\.node) {
            try api.change { try $0.removeEndpoints(ofNode: node) }
        }
        try api.heal()
        var told = try watch.next()
        while told == .failed(.refused) { told = try watch.next() }
        #expect(told.topology?.peers.count == 10)
        #expect(watch.witness.told.allSatisfy { $0 != .failed(.shrunk) })
    }

    @Test func withAnAnswerNothingIsBroughtBack() throws {
        try fill()
        try api.change { try $0.removeEndpoints(ofNode: "node-00007") }
        let watch = try watch { $0.restorePatience = .milliseconds(50) }
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        api.fail(.serverError)
        #expect(try watch.next() == .failed(.serverError))
        #expect(watch.witness.restored.isEmpty)
        #expect(watch.witness.topologies.allSatisfy { $0["node-00007"] == nil })
    }

    @Test func whatIsAnothersIsToldAndLeft() throws {
        try fill()
        api.fail(.serverError)
        let watch = try watch(mesh: "other")
        for _ in 0..<3 { #expect(try watch.next() == .failed(.serverError)) }
        #expect(watch.witness.topologies.isEmpty && watch.witness.restored.isEmpty)
        #expect(watch.witness.cacheFailures.count == 1)
        #expect(watch.witness.cacheFailures.first?.contains("is another exporter's: mesh default,") == true)
    }
}
