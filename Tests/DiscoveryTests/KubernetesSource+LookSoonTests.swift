import Support
import Testing

@testable import Discovery

/// A peer that fails anew asks for a look before its time.
struct KubernetesSourceLookSoonTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI(serving: threeNodes)
    }

    /// With an interval that no test waits for.
    private func watch(timeout: Duration = .seconds(10)) throws -> Watch {
        try Watch(api) {
            $0.interval = .seconds(3600)
            $0.leastPause = .milliseconds(200)
            $0.timeout = timeout
        }
    }

    @Test func theNextLookIsBroughtForward() throws {
        #expect(
            KubernetesSource.Settings(namespace: "", service: "", node: "", userAgent: "").leastPause == .seconds(10))
        let watch = try watch()
        try watch.next()
        try api.change { try $0.setAddress("10.64.0.99", ofNode: "node-00000") }
        for _ in 0..<3 { watch.source?.lookSoon() }
        let start = ContinuousClock.now
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(api.asked == ["list", "versions", "heartmesh-4c7dw"])
        // Not all peers that fail ask for a look of their own.
        watch.source?.lookSoon()
        #expect(try watch.next() == .confirmed)
        #expect(api.exchanges[3].received - start >= .milliseconds(200))
    }

    @Test func beforeItsStartASourceDoesNotLook() throws {
        let watch = try watch()
        let other = Witness()
        let settings = KubernetesSource.Settings(namespace: "heartmesh", service: "heartmesh", node: "", userAgent: "")
        let source = KubernetesSource(
            APIServer(url: api.url), settings, on: watch.loop, transfers: watch.transfers, observer: other)
        source.lookSoon()
        try watch.next()
        #expect(api.exchanges.count == 1)
        #expect(other.told.isEmpty)
    }

    /// A look that is under way is soon enough.
    @Test func duringALookNothingChanges() throws {
        let watch = try watch(timeout: .milliseconds(250))
        try watch.next()
        api.fail(.hang)
        watch.source?.lookSoon()
        try watch.loop.turn(until: "the request comes") { api.exchanges.count == 2 }
        watch.source?.lookSoon()
        #expect(try watch.next() == .failed(.timeout))
        #expect(api.exchanges.count == 2)
    }

    /// A server that asks to be left alone is left alone.
    @Test func afterAFailureNothingChanges() throws {
        let watch = try watch()
        api.fail(.tooManyRequests(), next: 1)
        #expect(try watch.next() == .failed(.throttled))
        watch.source?.lookSoon()
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        let times = api.exchanges.map(\.received)
        #expect(times[1] - times[0] >= .seconds(1))
    }
}
