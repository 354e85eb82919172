import Reactor
import Support
import Testing

struct TransfersTests {
    @Test func hundredsAtOnce() throws {
        let wire = try Wire()
        let server = try StubServer { [.bytes(StubServer.response(body: $0.target)), .close] }
        let clients = (0..<200).map { Client("\(server.url)/\($0)") }
        for client in clients {
            client.transfer.setFreshConnection()
            wire.transfers.start(client.transfer)
        }
        // Never from within `start`.
        #expect(clients.allSatisfy { $0.results.isEmpty })
        #expect(wire.transfers.activeCount == 200)
        #expect(wire.loop.turn(while: { wire.transfers.activeCount > 0 }))
        for (number, client) in clients.enumerated() {
            #expect(client.results.count == 1)
            #expect(client.results.first?.flatMap(\.self) == nil)
            #expect(client.text == "/\(number)")
        }
    }

    @Test func aTransferStartsAgainFromItsEnd() throws {
        let wire = try Wire()
        let server = try CountingServer()
        let client = Client(server.url)
        client.whenFinished = { if client.results.count < 20 { wire.transfers.start(client.transfer) } }
        wire.transfers.start(client.transfer)
        #expect(wire.loop.turn(while: { client.results.count < 20 }))
        #expect(client.results.allSatisfy { $0 == nil })
        #expect(server.requests == 20)
        client.whenFinished = {}
    }

    @Test func aConnectionIsKeptForTheNext() throws {
        let wire = try Wire()
        let server = try CountingServer()
        let (client, other) = (Client(server.url), Client(server.url))
        for _ in 0..<3 { #expect(try wire.run(client) == nil) }
        #expect(try wire.run(other) == nil)
        #expect(server.requests == 4)
        #expect(server.connections == 1)
    }

    @Test func aFreshConnectionIsNot() throws {
        let wire = try Wire()
        let server = try CountingServer()
        let (fresh, kept) = (Client(server.url), Client(server.url))
        fresh.transfer.setFreshConnection()
        #expect(try wire.run(kept) == nil)
        for _ in 0..<3 { #expect(try wire.run(fresh) == nil) }
        #expect(server.connections == 4)
        #expect(try wire.run(kept) == nil)
        #expect(server.connections == 4)
    }

    @Test func whatIsCancelledTellsNothing() throws {
        let wire = try Wire()
        let silent = try StubServer(onAccept: [.hang])
        let server = try CountingServer()
        let client = Client(silent.url, timeout: .milliseconds(100))
        wire.transfers.start(client.transfer)
        for _ in 0..<3 { wire.loop.turn(until: .now() + .milliseconds(1)) }
        wire.transfers.cancel(client.transfer)
        #expect(wire.transfers.activeCount == 0)
        // Twice, and when idle: nothing.
        wire.transfers.cancel(client.transfer)
        // Beyond the timeout.
        let end = Instant.now() + .milliseconds(120)
        while Instant.now() < end { wire.loop.turn(until: end) }
        #expect(client.results.isEmpty)
        client.transfer.setURL(server.url)
        #expect(try wire.run(client) == nil)
    }

    /// Both may be done in the same batch: a message of the cancelled one is dropped, too.
    @Test func theFirstThatEndsCancelsTheOther() throws {
        let wire = try Wire()
        let server = try CountingServer()
        for _ in 0..<20 {
            let clients = (0..<2).map { _ in Client(server.url) }
            for (number, client) in clients.enumerated() {
                client.transfer.setFreshConnection()
                client.whenFinished = { wire.transfers.cancel(clients[1 - number].transfer) }
                wire.transfers.start(client.transfer)
            }
            #expect(wire.loop.turn(while: { wire.transfers.activeCount > 0 }))
            #expect(clients.map(\.results.count).reduce(0, +) == 1)
            for client in clients { client.whenFinished = {} }
        }
    }

    @Test func theReceiverIsKeptWhileTheTransferIsUnderWay() throws {
        let wire = try Wire()
        let server = try CountingServer()
        weak var seen: Client?
        var finished = 0
        do {
            let client = Client(server.url)
            client.whenFinished = { finished += 1 }
            seen = client
            wire.transfers.start(client.transfer)
        }
        #expect(seen != nil)
        #expect(wire.loop.turn(while: { wire.transfers.activeCount > 0 }))
        #expect(finished == 1)
        #expect(seen == nil)
    }

    @Test func whatWasJustStartedEndsWithTheTransfers() throws {
        let loop = try EventLoop()
        weak var seen: Client?
        do {
            let transfers = Transfers(on: loop)
            let client = Client("http://127.0.0.1:9/")
            seen = client
            transfers.start(client.transfer)
            #expect(seen != nil)
        }
        #expect(seen == nil)
        loop.turn(until: .now() + .milliseconds(1))
    }
}
