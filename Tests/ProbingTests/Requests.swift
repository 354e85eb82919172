import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// A configured target at an address.
///
/// - Parameter host: Of the URL; empty: the address.
func configured(
    _ address: SocketAddress, as name: String = "web", _ probe: ProbeProtocol = .http, host: String = ""
) throws -> Target {
    Target(
        channel: .url, probe: probe, address: try #require(IPAddress(address.host)), port: address.port, name: name,
        host: host, answerer: .server)
}

extension Rig {
    /// The first results of configured targets, in their order. Each may be probed more than once.
    func ask(_ targets: [(Target, RequestSettings)], timeout: Duration = .seconds(30)) throws -> [Result] {
        let start = results.count
        let slots = targets.map { target, settings in
            prober.requestSettings[target.name] = settings
            return prober.add(target, interval: .milliseconds(10), timeout: timeout)
        }
        func first(_ slot: Int) -> Result? { results[start...].first { $0.slot == slot } }
        try #require(turn(while: { slots.contains { first($0) == nil } }))
        let found = try slots.map { try #require(first($0)) }
        for slot in slots { prober.remove(slot) }
        // Nothing is left behind on the loop.
        try #require(turn(while: { self.prober.active > 0 }))
        return found
    }
}

/// One probe of a configured target.
///
/// - Parameter change: Of settings that ask for `/`.
func ask(
    _ address: SocketAddress, _ probe: ProbeProtocol = .http, host: String = "", path: String = "/",
    timeout: Duration = .seconds(30), _ change: (inout RequestSettings) -> Void = { _ in }
) throws -> Rig.Result {
    let name = host.isEmpty ? "\(address)" : "\(host):\(address.port)"
    var settings = RequestSettings(url: "\(probe.rawValue)://\(name)\(path)")
    change(&settings)
    return try Rig().ask([(try configured(address, probe, host: host), settings)], timeout: timeout)[0]
}
