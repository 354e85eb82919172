internal import Discovery
internal import Mesh
internal import Reactor

extension Exporter {
    /// Finds out whether ICMP, where it is asked for, is allowed to this process. That it is not is no failure of the
    /// network: its targets are listed and not probed.
    static func forbidWhatIsRefused(_ settings: inout Plan.Settings, _ configuration: Configuration, _ log: Log) {
        if !configuration.asksForICMP || EchoSocket.isPermitted { return }
        settings.forbidden[.icmp] =
            "this process may not send ICMP: its group is not in net.ipv4.ping_group_range, and it lacks CAP_NET_RAW"
        log.warn(
            "ICMP is off, its targets are not probed: no socket for it may be opened",
            ("needs", "the process's group in the sysctl net.ipv4.ping_group_range (for IPv6 too), or CAP_NET_RAW"))
    }
}

extension Configuration {
    var asksForICMP: Bool {
        // `url` has no protocols of its own: each of its targets has one.
        Channel.allCases.contains { $0 != .url && !isOff($0) && self[$0].protocols.contains(.icmp) }
            || urlProbes.values.contains { $0.place.probe == .icmp }
    }
}
