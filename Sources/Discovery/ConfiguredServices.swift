package import Mesh
package import Reactor

/// Services that are not discovered: their names are looked up at once, and again and again.
package final class ConfiguredServices {
    private let changed: ([Service]) -> Void
    private var names: Names!
    private var wanted: [NamedService] = []
    private var told: [Service] = []

    /// - Parameters:
    ///   - interval: Between two looks at the names.
    ///   - observer: Not owned; outlives this object. It is told of failed lookups.
    ///   - changed: Called with all that are known, when these are others than before.
    package convenience init(
        namesEvery interval: Duration = .seconds(60), on loop: EventLoop, observer: any DiscoveryObserver,
        changed: @escaping ([Service]) -> Void
    ) {
        self.init(namesEvery: interval, on: loop, resolver: nil, observer: observer, changed: changed)
    }

    /// - Parameter resolver: Looks up names; nil: as the system does.
    init(
        namesEvery interval: Duration, on loop: EventLoop, resolver: (any NameResolver)?,
        observer: any DiscoveryObserver, changed: @escaping ([Service]) -> Void
    ) {
        self.changed = changed
        names = Names(.probeNames, every: interval, on: loop, resolver: resolver, observer: observer) {
            [unowned self] in tell()
        }
    }

    /// - Parameter services: All that are wanted from now on. What has to be looked up first follows later.
    package func replace(_ services: [NamedService]) {
        wanted = services
        names.want(Set(services.flatMap(\.names)))
        tell()
    }

    private func tell() {
        let services = wanted.compactMap { $0.resolved { names[$0] } }
        if services == told { return }
        told = services
        changed(services)
    }
}
