import Reactor
import Testing

@testable import Discovery

struct RetriesTests {
    private let now = Instant(nanoseconds: 0)
    private var retries = Retries(limit: .seconds(60))

    private mutating func fail(
        _ resource: DiscoveryResource, retryAfter: Duration = .zero, others: [DiscoveryResource] = []
    ) {
        retries.failed(resource, retryAfter: retryAfter, others: others, at: now, random: 0)
    }

    @Test mutating func eachResourceWaitsByItself() {
        #expect(retries.next == .never)
        fail(.nodes)
        #expect(retries.next == now + .milliseconds(500))
        #expect(retries.hasToWait(.nodes, at: now) && !retries.hasToWait(.nodes, at: now + .milliseconds(500)))
        #expect(!retries.hasToWait(.pods, at: now) && !retries.isDue(.pods) && retries.isDue(.nodes))
        fail(.nodes)
        #expect(retries.next == now + .seconds(1))
        retries.succeeded(.nodes)
        #expect(retries.next == .never)
        fail(.nodes)
        #expect(retries.next == now + .milliseconds(500))
    }

    @Test mutating func othersWaitTooAndNoneLessThanItWas() {
        fail(.services, retryAfter: .seconds(100))
        fail(.nodes, others: [.services, .nodes, .pods])
        #expect(retries.hasToWait(.services, at: now + .seconds(99)))
        #expect(retries.hasToWait(.pods, at: now + .milliseconds(499)))
        #expect(!retries.hasToWait(.pods, at: now + .milliseconds(500)))
        // That is no failure of theirs.
        fail(.pods)
        #expect(!retries.hasToWait(.pods, at: now + .milliseconds(500)))
    }
}
