import Reactor
import Support
import Testing

@testable import Discovery

/// A source that is let go of, as for a new configuration, while something is under way.
struct KubernetesSourceLifetimeTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI(serving: threeNodes)
    }

    /// Nothing of it is left, nothing is told any more, and the loop and the transfers serve others.
    private func expectGone(_ watch: Watch) throws {
        weak let source = watch.source
        watch.releaseSource()
        #expect(source == nil)
        #expect(watch.transfers.activeCount == 0)
        let told = watch.witness.told.count
        try api.heal()
        let other = Witness()
        let settings = KubernetesSource.Settings(
            namespace: "heartmesh", service: "heartmesh", node: "", userAgent: "heartmesh/2")
        let next = KubernetesSource(
            APIServer(url: api.url), settings, on: watch.loop, transfers: watch.transfers, observer: other)
        next.start()
        try watch.loop.turn(until: "the other source tells something") { !other.told.isEmpty }
        #expect(other.told == [.discovered(try api.topology(), invalid: [])])
        #expect(watch.witness.told.count == told)
    }

    @Test func betweenTwoLooks() throws {
        let watch = try Watch(api)
        try watch.next()
        try expectGone(watch)
    }

    @Test func duringARequest() throws {
        api.fail(.hang)
        let watch = try Watch(api)
        try watch.loop.turn(until: "the request comes") { !api.exchanges.isEmpty }
        #expect(watch.transfers.activeCount == 1)
        try expectGone(watch)
        #expect(watch.witness.told.isEmpty)
    }

    @Test func whileItWaitsAfterAFailure() throws {
        api.fail(.tooManyRequests(retryAfter: 600))
        let watch = try Watch(api)
        #expect(try watch.next() == .failed(.throttled))
        try expectGone(watch)
    }

    @Test(arguments: [nil, Failure.serverError, .halfBody]) func whileItTells(failure: Failure?) throws {
        if let failure { api.fail(failure) }
        let watch = try Watch(api)
        weak let source = watch.source
        watch.witness.onTold = { watch.releaseSource() }
        try watch.next()
        #expect(source == nil)
        try expectGone(watch)
        watch.witness.onTold = {}
    }

    /// Not even the connection's objects outlive loop, transfers and source.
    @Test func nothingIsLeft() throws {
        api.fail(.hang)
        weak var loop: EventLoop?
        weak var transfers: Transfers?
        try {
            let watch = try Watch(api)
            try watch.loop.turn(until: "the request comes") { !api.exchanges.isEmpty }
            loop = watch.loop
            transfers = watch.transfers
        }()
        #expect(loop == nil && transfers == nil)
    }
}
