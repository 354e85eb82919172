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

    /// Of the peers: what a look for them, or at a file, comes to.
    private(set) var told: [Told] = []
    private(set) var failures: [DiscoveryFailure] = []
    /// One number for each answer about the peers.
    private(set) var receivedBytes: [Int] = []
    /// Each one that was told.
    private(set) var topologies: [Topology] = []
    /// Of what is beside the peers.
    private(set) var successes: [(resource: DiscoveryResource, invalid: [String])] = []
    private(set) var otherFailures: [(resource: DiscoveryResource, failure: DiscoveryFailure)] = []
    private(set) var otherBytes: [DiscoveryResource: Int] = [:]
    /// How old what was left by an earlier run was.
    private(set) var restored: [Duration] = []
    private(set) var cacheFailures: [String] = []
    /// Called after each thing told of the peers.
    var onTold: () -> Void = {}
    /// Called after each topology.
    var onTopology: (Topology) -> Void = { _ in }
    /// A topology whose look has not come to its end yet.
    private var fresh: Topology?

    func discovered(_ topology: Topology) {
        topologies.append(topology)
        fresh = topology
        onTopology(topology)
    }

    func discoverySucceeded(_ resource: DiscoveryResource, invalid: [String]) {
        guard resource == .endpointslices || resource == .file else { return successes.append((resource, invalid)) }
        let topology = fresh
        fresh = nil
        remember(topology.map { .discovered($0, invalid: invalid) } ?? .confirmed)
    }

    func discoveryFailed(_ resource: DiscoveryResource, _ failure: DiscoveryFailure) {
        guard resource == .endpointslices || resource == .file else { return otherFailures.append((resource, failure)) }
        failures.append(failure)
        remember(.failed(failure.reason))
    }

    func discoveryRestored(age: Duration) {
        restored.append(age)
    }

    func discoveryCacheFailed(_ problem: String) {
        cacheFailures.append(problem)
    }

    func discoveryReceived(_ resource: DiscoveryResource, bytes: Int) {
        // What was told before is not what this answer brings.
        fresh = nil
        if resource == .endpointslices || resource == .file { return receivedBytes.append(bytes) }
        otherBytes[resource, default: 0] += bytes
    }

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
