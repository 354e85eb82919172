import Mesh
import Reactor
import Testing

@testable import Discovery

struct ConfiguredTargetsTests {
    private final class Told {
        var services: [[Service]] = []
    }

    private let loop: EventLoop
    private let witness = Witness()
    private let resolver = Resolver()
    private let told = Told()

    init() throws {
        loop = try EventLoop()
        resolver.use(loop)
    }

    private func start(_ targets: [ConfiguredTarget], every interval: Duration = .seconds(3600)) -> ConfiguredTargets {
        let source = ConfiguredTargets(
            targets, every: interval, on: loop, resolver: resolver, observer: witness
        ) { [told] in told.services.append($0) }
        source.start()
        return source
    }

    private func target(
        _ name: String, host: String, _ families: Set<IPFamily> = Set(IPFamily.allCases), at addresses: [IPAddress] = []
    ) -> ConfiguredTarget {
        var target = ConfiguredTarget(name: name, probe: .https, host: host, port: 443)
        target.families = families
        target.addresses = addresses
        return target
    }

    @Test func addressesNeedNobody() throws {
        let both = addresses("10.0.0.1", "10.0.0.2", "fd00::1")
        let source = start([
            target("literal", host: "192.0.2.1"), target("six", host: "[2001:db8::1]"),
            target("fixed", host: "a.example", at: both), target("four", host: "a.example", [.ipv4], at: both),
        ])
        #expect(told.services.count == 1 && resolver.asked.isEmpty)
        let services = try #require(told.services.first)
        #expect(
            services.map(\.addresses) == [addresses("192.0.2.1"), addresses("2001:db8::1"), both, Array(both[..<2])])
        #expect(services.map(\.host) == ["", "", "a.example", "a.example"])
        #expect(services.allSatisfy { $0.channel == .url && $0.unresolved.isEmpty })
        withExtendedLifetime(source) {}
    }

    @Test func oneOfEachFamilyThatTheNameHas() throws {
        resolver.answers = ["a.example": .addresses(["10.0.0.2", "10.0.0.1", "fd00::2", "fd00::1"])]
        let source = start([
            target("both", host: "a.example"), target("six", host: "a.example", [.ipv6]),
            target("none", host: "b.example"), target("at once", host: "10.0.0.9"),
        ])
        #expect(told.services.map { $0.map(\.name) } == [["at once"]])
        try loop.turn(until: "the answer") { told.services.count == 2 }
        let services = told.services[1]
        #expect(
            services.map(\.addresses) == [
                addresses("10.0.0.1", "fd00::1"), addresses("fd00::1"), [], addresses("10.0.0.9"),
            ])
        #expect(services.map(\.unresolved) == [[], [], ["b.example"], []])
        #expect(witness.successes.map(\.resource) == [.probeNames])
        withExtendedLifetime(source) {}
    }

    @Test func othersWhileItRuns() throws {
        resolver.answers = [
            "a.example": .addresses(["10.0.0.2", "10.0.0.1"]), "b.example": .addresses(["10.0.0.3"]),
        ]
        let (a, b) = (target("a", host: "a.example"), target("b", host: "b.example"))
        let source = start([a])
        try loop.turn(until: "the answer") { told.services.last?.count == 1 }
        let first = told.services.last
        source.replace([a])
        #expect(told.services.last == first && resolver.asked.count == 1)
        // What is known is there at once, what is new follows.
        var moved = a
        moved.path = "/other"
        source.replace([moved, b])
        #expect(told.services.last?.map(\.path) == ["/other"])
        #expect(told.services.last?[0].addresses == first?[0].addresses)
        try loop.turn(until: "the answer") { told.services.last?.count == 2 }
        source.replace([b])
        #expect(told.services.last?.map(\.name) == ["b"])
        source.replace([])
        #expect(told.services.last == [])
    }

    @Test func theChosenOneStaysForAsLongAsTheNameHasIt() throws {
        func look(_ answer: NameLookup.Answer, _ expected: [IPAddress]) throws {
            resolver.answers = ["a.example": answer]
            let asked = resolver.asked.count
            try loop.turn(until: "two more looks") { resolver.asked.count >= asked + 2 }
            #expect(told.services.last?[0].addresses == expected)
        }
        let source = start([target("a", host: "a.example")], every: .milliseconds(10))
        try look(.addresses(["10.0.0.5"]), addresses("10.0.0.5"))
        try look(.addresses(["10.0.0.1", "10.0.0.5", "10.0.0.9"]), addresses("10.0.0.5"))
        try look(.failed("nobody can tell"), addresses("10.0.0.5"))
        try look(.addresses((1...40).map { "10.0.0.\($0)" } + ["fd00::1"]), addresses("10.0.0.5", "fd00::1"))
        try look(.addresses(["10.0.0.1", "10.0.0.9"]), addresses("10.0.0.1"))
        try look(.nothing, [])
        #expect(told.services.last?[0].unresolved == ["a.example"])
        #expect(witness.otherFailures.allSatisfy { $0.resource == .probeNames })
        withExtendedLifetime(source) {}
    }
}
