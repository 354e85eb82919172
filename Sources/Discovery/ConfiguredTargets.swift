package import Mesh
package import Reactor

/// A target that the configuration names, before its host is looked up.
package struct ConfiguredTarget: Equatable, Sendable {
    package var name: String
    package var probe: ProbeProtocol
    /// A name or an address.
    package var host: String
    package var port: UInt16
    package var path = "/"
    /// Where it is, whatever DNS says; empty: at the host's own addresses.
    package var addresses: [IPAddress] = []
    package var families = Set(IPFamily.allCases)

    package init(name: String, probe: ProbeProtocol, host: String, port: UInt16) {
        self.name = name
        self.probe = probe
        self.host = host
        self.port = port
    }
}

/// The configured targets as services: their names are looked up at the start and every minute, whichever way the mesh
/// itself is discovered.
///
/// Of a name's addresses one of each family is probed, and stays for as long as the name has it. A name with many is a
/// pool, of which another part may be told each time; all of what `addresses` spells out is probed.
package final class ConfiguredTargets {
    private var targets: [ConfiguredTarget]
    private let changed: ([Service]) -> Void
    private var names: Names!
    private var chosen: [String: [IPAddress]] = [:]
    private var told: [Service]?

    /// - Parameters:
    ///   - observer: Not owned; outlives this object.
    ///   - changed: Called on the loop when the services are other ones, also for the first time; never from within
    ///     `init`.
    package convenience init(
        _ targets: [ConfiguredTarget], on loop: EventLoop, observer: any DiscoveryObserver,
        changed: @escaping ([Service]) -> Void
    ) {
        self.init(targets, every: .seconds(60), on: loop, resolver: nil, observer: observer, changed: changed)
    }

    /// - Parameter resolver: Looks up names; nil: as the system does.
    init(
        _ targets: [ConfiguredTarget], every interval: Duration, on loop: EventLoop, resolver: (any NameResolver)?,
        observer: any DiscoveryObserver, changed: @escaping ([Service]) -> Void
    ) {
        self.targets = targets
        self.changed = changed
        // All of them: the one that was chosen may be any.
        names = Names(
            .probeNames, addressLimit: .max, every: interval, on: loop, resolver: resolver, observer: observer
        ) { [unowned self] in publish() }
    }

    /// What needs no look-up is told at once.
    package func start() {
        replace(targets)
    }

    /// - Parameter targets: All that are wanted from now on. What needs no look-up is told at once; the addresses that are
    ///   known stay.
    package func replace(_ targets: [ConfiguredTarget]) {
        self.targets = targets
        let named = Set(targets.map(\.name))
        chosen = chosen.filter { named.contains($0.key) }
        names.want(Set(targets.filter(\.isLookedUp).map(\.host)))
        publish()
    }

    private func publish() {
        let services = targets.compactMap(service(of:))
        if services == told { return }
        told = services
        changed(services)
    }

    /// Nil while the name has not been looked up yet.
    private func service(of target: ConfiguredTarget) -> Service? {
        var addresses = target.literals.filter { target.families.contains($0.family) }
        if target.isLookedUp {
            guard let found = names[target.host] else { return nil }
            addresses = choose(among: found.filter { target.families.contains($0.family) }, for: target.name)
        }
        return Service(
            channel: .url, name: target.name, probe: target.probe,
            host: IPAddress(target.bareHost) == nil ? target.host : "", path: target.path, port: target.port,
            addresses: addresses, unresolved: addresses.isEmpty ? [target.host] : [])
    }

    private func choose(among found: [IPAddress], for name: String) -> [IPAddress] {
        let addresses = IPFamily.allCases.compactMap { family in
            chosen[name]?.first { $0.family == family && found.contains($0) } ?? found.first { $0.family == family }
        }
        chosen[name] = addresses
        return addresses
    }
}

extension ConfiguredTarget {
    fileprivate var isLookedUp: Bool { literals.isEmpty }

    /// Addresses that are known without asking anybody.
    fileprivate var literals: [IPAddress] { addresses.isEmpty ? [IPAddress(bareHost)].compactMap(\.self) : addresses }

    fileprivate var bareHost: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }
}
