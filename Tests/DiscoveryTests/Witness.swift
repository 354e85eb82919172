import Mesh
import Reactor

@testable import Discovery

/// Remembers what a source of topologies tells.
final class Witness: DiscoveryObserver {
    enum Told: Equatable, CustomStringConvertible {
        case discovered(Topology, invalid: [String])
        case confirmed
        case failed(DiscoveryReason)

        var description: String {
            switch self {
            case .discovered(let topology, let invalid): "\(topology.peers.count) peers, \(invalid.count) invalid"
            case .confirmed: "confirmed"
            case .failed(let reason): "failed: \(reason)"
            }
        }

        var topology: Topology? {
            if case .discovered(let topology, _) = self { topology } else { nil }
        }
    }

    private(set) var told: [Told] = []
    private(set) var failures: [DiscoveryFailure] = []
    /// One number for each answer.
    private(set) var receivedBytes: [Int] = []
    /// Called after each thing told.
    var onTold: () -> Void = {}

    func discovered(_ topology: Topology, invalid: [String]) { remember(.discovered(topology, invalid: invalid)) }

    func discoveryConfirmed() { remember(.confirmed) }

    func discoveryFailed(_ failure: DiscoveryFailure) {
        failures.append(failure)
        remember(.failed(failure.reason))
    }

    func discoveryReceived(bytes: Int) { receivedBytes.append(bytes) }

    private func remember(_ thing: Told) {
        told.append(thing)
        onTold()
    }
}

struct TooLate: Error, CustomStringConvertible {
    let description: String
}

extension EventLoop {
    /// Turns until something has come true.
    ///
    /// - Throws: `TooLate` after a time that only a loaded machine or a bug takes.
    func turn(until what: String, _ condition: () throws -> Bool) throws {
        let deadline = Instant.now() + .seconds(30)
        while try !condition() {
            guard Instant.now() < deadline else { throw TooLate(description: what) }
            // What a server's thread does is seen without an event on the loop.
            turn(until: Instant.now() + .milliseconds(20))
        }
    }
}
