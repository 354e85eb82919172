import Mesh
import Reactor
import Testing

@testable import Probing

@Suite(.serialized) struct UDPSocketsTests {
    private let rig: Rig
    private let probes: UDPProbes
    private let endpoint = Endpoint(address: [127, 0, 0, 1], port: 9)

    init() throws {
        rig = try Rig()
        probes = UDPProbes(rig.prober, mesh: "test", node: "own", flows: FlowTable(), on: rig.loop)
    }

    private var openDescriptors: Int {
        get throws { try #require(ProcessStatus.read()).openDescriptors }
    }

    private func wait(_ duration: Duration) {
        let end = Instant.now() + duration
        while rig.loop.now < end { rig.loop.turn(until: end) }
    }

    @Test func aTargetGoesRoundAFewSockets() throws {
        var sockets = UDPSockets()
        let before = try openDescriptors
        let numbers = try (1...9).map { sequence in
            try sockets.socket(.ipv4, UInt32(sequence), like: endpoint, for: probes, on: rig.loop).socket.number
        }
        #expect(Set(numbers).count == 4)
        #expect(numbers[4...7] == numbers[0...3])
        #expect(try openDescriptors == before + 4)
        let other = Endpoint(address: Array(repeating: 0, count: 15) + [1], port: 9)
        #expect(!numbers.contains(try sockets.socket(.ipv6, 1, like: other, for: probes, on: rig.loop).socket.number))
        sockets.forgetAll(on: rig.loop)
    }

    @Test func theyAreRenewedOneAfterTheOther() throws {
        var sockets = UDPSockets(life: .milliseconds(90))
        let first = try (0..<4).map { place in
            try sockets.socket(.ipv4, UInt32(place + 4), like: endpoint, for: probes, on: rig.loop)
        }
        #expect(first.map(\.renewal).sorted() == first.map(\.renewal))
        #expect(Set(first.map(\.renewal)).count == 4)
        let same = try sockets.socket(.ipv4, 4, like: endpoint, for: probes, on: rig.loop)
        #expect(same === first[0])
        wait(.milliseconds(130))
        let next = try (0..<4).map { place in
            try sockets.socket(.ipv4, UInt32(place + 4), like: endpoint, for: probes, on: rig.loop)
        }
        for (old, new) in zip(first, next) { #expect(old !== new && old.isRetired && !new.isRetired) }
        sockets.forgetAll(on: rig.loop)
    }

    /// A reply that is on its way comes to the socket that the request left from.
    @Test func anOldOneStaysForItsProbes() throws {
        var sockets = UDPSockets(life: .milliseconds(20))
        let before = try openDescriptors
        do {
            let old = try sockets.socket(.ipv4, 4, like: endpoint, for: probes, on: rig.loop)
            old.underWay = 2
            wait(.milliseconds(30))
            _ = try sockets.socket(.ipv4, 4, like: endpoint, for: probes, on: rig.loop)
            sockets.release(old, on: rig.loop)
            #expect(try openDescriptors == before + 2)
            sockets.release(old, on: rig.loop)
        }
        #expect(try openDescriptors == before + 1)
        sockets.forgetAll(on: rig.loop)
    }
}
