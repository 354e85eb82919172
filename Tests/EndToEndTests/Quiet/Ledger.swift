import Support

/// What an exporter has shown at last.
struct Page: Sendable {
    let pod: Pod
    let scrape: Scrape

    /// The successes of each peer that it has series of, by its node.
    var successes: [String: Double] {
        scrape.samples("heartmesh_peer_probe_duration_seconds_count")
            .reduce(into: [:]) { $0[$1.labels["target_node"] ?? "", default: 0] += $1.value }
    }

    func probes(of node: String) -> Double {
        scrape.sum("heartmesh_peer_probes_total", ["target_node": node, "channel": "pod"])
    }

    var serviceProbes: Double { scrape.sum("heartmesh_probes_total", ["channel": "cluster_ip"]) }

    func failures(of node: String) -> Double {
        scrape.sum("heartmesh_peer_probe_failures_total", ["target_node": node, "channel": "pod"])
    }

    /// By the peers' states, without zeros.
    var excluded: [String: Double] {
        scrape.samples("heartmesh_excluded_failures_total").filter { $0.value > 0 }
            .reduce(into: [:]) { $0[$1.labels["state"] ?? "", default: 0] += $1.value }
    }

    /// When discovery has succeeded last, in seconds since the epoch.
    var lastLook: Double {
        scrape.sum("heartmesh_discovery_last_success_timestamp_seconds", ["resource": "endpointslices"])
    }

    private static let failureFamilies = [
        "heartmesh_probe_failures_total", "heartmesh_probe_failure_reasons_total",
        "heartmesh_peer_probe_failures_total", "heartmesh_target_probe_failures_total",
        "heartmesh_udp_request_lost_total", "heartmesh_udp_reply_lost_total",
    ]

    /// Every failure that was counted, whatever counts it.
    var failures: [String] {
        Page.failureFamilies.flatMap { scrape.samples($0) }.filter { $0.value != 0 }
            .map { "\(pod.name) on \(pod.node): \($0)" }
    }
}

/// What all exporters of a fleet have counted, those that have ended, too.
struct Ledger: Sendable {
    /// In the order of their nodes and UIDs.
    let pages: [Page]

    subscript(pod: Pod) -> Page? { pages.first { $0.pod == pod } }

    /// Every failure that any of them has counted; the first twenty are enough to see what is wrong.
    var failures: [String] { Array(pages.flatMap(\.failures).prefix(20)) }

    var excluded: [String: Double] {
        pages.reduce(into: [:]) { $0.merge($1.excluded, uniquingKeysWith: +) }
    }

    var excludedCount: Double { excluded.values.reduce(0, +) }

    /// For a person.
    var summary: String {
        let probes = pages.map { $0.scrape.sum("heartmesh_probes_total") }.reduce(0, +)
        let skipped = pages.map { $0.scrape.sum("heartmesh_probes_skipped_total") }.reduce(0, +)
        let states = excluded.sorted { $0.key < $1.key }.map { "\($0.key) \(Int($0.value))" }
        return """
            \(pages.count) exporters, \(Int(probes)) probes, excluded: \(states.joined(separator: ", ")), \
            skipped: \(Int(skipped))
            """
    }
}
