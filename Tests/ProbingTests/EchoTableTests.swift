import Mesh
import Reactor
import Testing

@testable import Probing

struct EchoTableTests {
    private static let place = Endpoint(address: [192, 0, 2, 1], port: 0)
    private static let other = Endpoint(address: [192, 0, 2, 2], port: 0)

    private static func probe(_ slot: Int = 0) -> EchoTable.Probe {
        EchoTable.Probe(
            attempt: Attempt(slot: slot, generation: 7), endpoint: place, startedAt: Instant(nanoseconds: 1),
            deadline: Instant(nanoseconds: 2))
    }

    private static func echo(_ sequence: UInt16, nonce: UInt64? = 9) -> Echo {
        Echo(identifier: 1, sequence: sequence, nonce: nonce)
    }

    @Test func aReplyIsTakenOnce() {
        var table = EchoTable()
        let sequence = table.advance()
        let place = table.begin(Self.probe(5), nonce: 9)
        #expect(table.underWay(Self.echo(sequence), to: Self.place) == place)
        #expect(table.replied(Self.echo(sequence), from: Self.place) == .answer(place))
        #expect(table[place].attempt.slot == 5)
        #expect(table.underWay(Self.echo(sequence), to: Self.place) == nil)
        for _ in 0..<2 { #expect(table.replied(Self.echo(sequence), from: Self.place) == .duplicate) }
    }

    @Test func aLateReplyIsNoAnswer() {
        var table = EchoTable()
        let sequence = table.advance()
        table.endUnanswered(table.begin(Self.probe(), nonce: 9))
        #expect(table.underWay(Self.echo(sequence), to: Self.place) == nil)
        for _ in 0..<2 { #expect(table.replied(Self.echo(sequence), from: Self.place) == .late) }
    }

    @Test func everythingMustAgree() {
        var table = EchoTable()
        #expect(table.replied(Self.echo(1), from: Self.place) == .foreign)
        let sequence = table.advance()
        let place = table.begin(Self.probe(), nonce: 9)
        for reply in [
            Self.echo(sequence, nonce: 8), Self.echo(sequence + 1), Self.echo(sequence &- 1), Self.echo(0),
            Self.echo(sequence &+ 1024),
        ] {
            #expect(table.replied(reply, from: Self.place) == .foreign)
            #expect(table.underWay(reply, to: Self.place) == nil)
        }
        #expect(table.replied(Self.echo(sequence), from: Self.other) == .foreign)
        #expect(table.underWay(Self.echo(sequence), to: Self.other) == nil)
        // What an error quotes may lack the nonce.
        #expect(table.underWay(Self.echo(sequence, nonce: nil), to: Self.place) == place)
        #expect(table.replied(Self.echo(sequence), from: Self.place) == .answer(place))
    }

    /// Some stay under way for as long as it takes to go round all 65,536 numbers three times.
    @Test func noNumberIsUsedAgainWhileItsProbeIsUnderWay() throws {
        var table = EchoTable()
        let held = (0..<512).map { number in
            let sequence = table.advance()
            return (sequence, table.begin(Self.probe(number), nonce: UInt64(number)))
        }
        let taken = Set(held.map(\.0))
        var seen: Set<UInt16> = []
        for _ in 0..<3 * 65_536 {
            let sequence = table.advance()
            try #require(!taken.contains(sequence))
            seen.insert(sequence)
            let place = table.begin(Self.probe(9999), nonce: 1 << 40)
            #expect(table.replied(Self.echo(sequence, nonce: 1 << 40), from: Self.place) == .answer(place))
        }
        #expect(seen.count == 65_536 / 2)
        let areThere = held.enumerated().allSatisfy { number, probe in
            table.replied(Self.echo(probe.0, nonce: UInt64(number)), from: Self.place) == .answer(probe.1)
                && table[probe.1].attempt.slot == number
        }
        #expect(areThere)
    }

    /// Requests that could not be sent have a number and no place.
    @Test func aNumberMayBeLeftOut() {
        var table = EchoTable()
        for _ in 0..<700 { _ = table.advance() }
        let sequence = table.advance()
        let place = table.begin(Self.probe(), nonce: 9)
        #expect(table.replied(Self.echo(sequence - 1), from: Self.place) == .foreign)
        #expect(table.replied(Self.echo(sequence), from: Self.place) == .answer(place))
    }
}
