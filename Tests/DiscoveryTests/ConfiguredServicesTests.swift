import Mesh
import Reactor
import Testing

@testable import Discovery

struct ConfiguredServicesTests {
    private let loop: EventLoop
    private let witness = Witness()
    private let resolver: Resolver

    init() throws {
        loop = try EventLoop()
        resolver = Resolver(["dns.example": .addresses(["192.0.2.1", "2001:db8::1"])])
        resolver.use(loop)
    }

    private func service(_ name: String, addresses: [String] = [], names: [String] = []) -> NamedService {
        NamedService(
            channel: .dns, name: name, probe: .udp, port: 53, addresses: addresses.compactMap { IPAddress($0) },
            names: names)
    }

    @Test func namesFollowAddresses() throws {
        var told: [[Service]] = []
        let services = ConfiguredServices(namesEvery: .seconds(60), on: loop, resolver: resolver, observer: witness) {
            told.append($0)
        }
        services.replace([service("a", addresses: ["192.0.2.9"]), service("b", names: ["dns.example"])])
        #expect(told.map { $0.map(\.name) } == [["a"]])
        try loop.turn(until: "the name is looked up") { told.count == 2 }
        #expect(told[1].map(\.name) == ["a", "b"])
        #expect(told[1][1].addresses.map(\.description) == ["192.0.2.1", "2001:db8::1"])

        // What is as before is not told again.
        services.replace([service("a", addresses: ["192.0.2.9"]), service("b", names: ["dns.example"])])
        #expect(told.count == 2 && resolver.asked.count == 1)
        services.replace([service("b", names: ["dns.example"])])
        #expect(told.count == 3 && told[2].map(\.name) == ["b"])
        services.replace([])
        #expect(told.last == [])
    }

    @Test func aNameThatHasNoAddressIsTold() throws {
        var told: [[Service]] = []
        let services = ConfiguredServices(namesEvery: .seconds(60), on: loop, resolver: resolver, observer: witness) {
            told.append($0)
        }
        services.replace([service("b", names: ["nowhere.example"])])
        #expect(told.isEmpty)
        try loop.turn(until: "the name is looked up") { told.count == 1 }
        #expect(told[0][0].addresses.isEmpty && told[0][0].unresolved == ["nowhere.example"])
    }

    /// What a name had, it may have still.
    @Test func aFailedLookupChangesNothing() throws {
        var told: [[Service]] = []
        let services = ConfiguredServices(
            namesEvery: .milliseconds(20), on: loop, resolver: resolver, observer: witness
        ) { told.append($0) }
        services.replace([service("b", names: ["dns.example"])])
        try loop.turn(until: "the name is looked up") { told.count == 1 }
        resolver.answers = ["dns.example": .failed("no server")]
        try loop.turn(until: "a lookup has failed") { witness.otherFailures.count >= 2 }
        #expect(told.count == 1)
        resolver.answers = ["dns.example": .addresses(["192.0.2.7"])]
        try loop.turn(until: "the name has another address") { told.count == 2 }
        #expect(told[1][0].addresses.map(\.description) == ["192.0.2.7"])
    }
}
