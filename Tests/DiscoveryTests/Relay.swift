import Foundation
import Support
import Synchronization

/// Passes bytes on between its clients and a server, until it is told to be silent.
final class Relay: Sendable {
    private let listener: Listener
    private let generation: Generation

    /// Connections of an earlier generation are silent.
    private final class Generation: Sendable {
        let current = Atomic(0)
    }

    init(to server: SocketAddress) throws {
        let generation = Generation()
        self.generation = generation
        listener = try Listener { client in
            let born = generation.current.load(ordering: .acquiring)
            let isSilent = { @Sendable in generation.current.load(ordering: .acquiring) > born }
            guard let upstream = try? Connection.open(to: server, deadline: .now + .seconds(10)) else { return }
            let back = Thread {
                pass(from: upstream, to: client, unless: isSilent)
                client.hangUp()
            }
            back.start()
            pass(from: client, to: upstream, unless: isSilent)
            upstream.hangUp()
        }
    }

    deinit { listener.stop() }

    var port: UInt16 { listener.address.port }

    /// From now on nothing goes through the connections that there are, and nothing ends them: as when the machine at the
    /// other end has lost its power. New ones work.
    func silence() {
        generation.current.add(1, ordering: .acquiringAndReleasing)
    }
}

private func pass(from source: Connection, to sink: Connection, unless isSilent: () -> Bool) {
    while let bytes = try? source.read(), !bytes.isEmpty {
        if !isSilent() { try? sink.write(bytes[...], until: .now + .seconds(10)) }
    }
}
