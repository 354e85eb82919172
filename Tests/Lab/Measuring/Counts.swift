import Support

/// What all exporters have counted up to a moment, or between two of them.
struct Counts: Sendable {
    var probes: [Path: Double] = [:]
    var failures: [Path: Double] = [:]
    var reasons: [Origin: [String: Double]] = [:]
    /// Failures by the series that have no target: the same ones, counted a second time.
    var failuresByOrigin: [Origin: Double] = [:]

    init() {}

    /// - Parameter scrapes: One of each exporter.
    init(_ scrapes: [Scrape]) {
        for scrape in scrapes {
            for sample in scrape.samples("heartmesh_peer_probes_total") {
                probes[Path(sample), default: 0] += sample.value
            }
            for sample in scrape.samples("heartmesh_peer_probe_failures_total") {
                failures[Path(sample), default: 0] += sample.value
            }
            for sample in scrape.samples("heartmesh_probes_total") where !sample.isPeerAddressed && !sample.isUDP {
                probes[Path(sample), default: 0] += sample.value
            }
            for sample in scrape.samples("heartmesh_probe_failures_total") where !sample.isUDP {
                failuresByOrigin[Origin(sample), default: 0] += sample.value
                if !sample.isPeerAddressed { failures[Path(sample), default: 0] += sample.value }
            }
            for sample in scrape.samples("heartmesh_probe_failure_reasons_total") where !sample.isUDP {
                reasons[Origin(sample), default: [:]][sample.labels["reason"] ?? "", default: 0] += sample.value
            }
        }
    }

    /// What was counted since then. What has not been counted is not in it.
    func since(_ start: Counts) -> Counts {
        var counts = Counts()
        counts.probes = probes.minus(start.probes)
        counts.failures = failures.minus(start.failures)
        counts.failuresByOrigin = failuresByOrigin.minus(start.failuresByOrigin)
        for (origin, reasons) in reasons {
            let new = reasons.minus(start.reasons[origin] ?? [:])
            if !new.isEmpty { counts.reasons[origin] = new }
        }
        return counts
    }
}

extension Dictionary where Value == Double {
    fileprivate func minus(_ start: [Key: Double]) -> [Key: Double] {
        reduce(into: [:]) { result, entry in
            let difference = entry.value - (start[entry.key] ?? 0)
            if difference != 0 { result[entry.key] = difference }
        }
    }
}

extension Scrape.Sample {
    fileprivate var isPeerAddressed: Bool { labels["target_zone"].map { !$0.isEmpty } ?? false }

    /// Not in the series of peers, which these are compared with.
    fileprivate var isUDP: Bool { labels["protocol"] == "udp" }
}

extension Path {
    fileprivate init(_ sample: Scrape.Sample) {
        self.init(
            channel: sample.labels["channel"] ?? "", family: sample.labels["ip_family"] ?? "",
            source: sample.labels["source_node"] ?? "", target: sample.labels["target_node"] ?? "")
    }
}

extension Origin {
    fileprivate init(_ sample: Scrape.Sample) {
        self.init(
            channel: sample.labels["channel"] ?? "", family: sample.labels["ip_family"] ?? "",
            source: sample.labels["source_node"] ?? "")
    }
}
