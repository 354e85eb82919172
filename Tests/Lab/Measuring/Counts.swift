import Support

/// What all exporters have counted up to a moment, or between two of them.
struct Counts: Sendable {
    var probes: [Path: Double] = [:]
    var failures: [Path: Double] = [:]
    var reasons: [Origin: [String: Double]] = [:]
    /// Probes that were started later than a quarter of a second: a process that gets no time does not answer either.
    private(set) var lateStarts = 0.0
    /// How many series the reasons have: each protocol has its own.
    private(set) var reasonSeries = 0
    /// Failures by the series that have no target: the same ones, counted a second time.
    var failuresByOrigin: [Origin: Double] = [:]

    init() {}

    /// - Parameter scrapes: One of each exporter.
    init(_ scrapes: [Scrape]) {
        for scrape in scrapes {
            for prefix in ["heartmesh_peer", "heartmesh_target"] {
                for sample in scrape.samples("\(prefix)_probes_total") {
                    probes[Path(sample), default: 0] += sample.value
                }
                for sample in scrape.samples("\(prefix)_probe_failures_total") {
                    failures[Path(sample), default: 0] += sample.value
                }
            }
            for sample in scrape.samples("heartmesh_probes_total") where sample.standsAlone {
                probes[Path(sample), default: 0] += sample.value
            }
            for sample in scrape.samples("heartmesh_probe_failures_total") where sample.isCounted {
                failuresByOrigin[Origin(sample), default: 0] += sample.value
                if sample.standsAlone { failures[Path(sample), default: 0] += sample.value }
            }
            let lag = "heartmesh_scheduler_lag_seconds"
            lateStarts += scrape.sum("\(lag)_count") - scrape.sum("\(lag)_bucket", ["le": "0.25"])
            for sample in scrape.samples("heartmesh_probe_failure_reasons_total") where sample.isCounted {
                reasonSeries += 1
                reasons[Origin(sample), default: [:]][sample.labels["reason"] ?? "", default: 0] += sample.value
            }
        }
    }

    /// What was counted since then. What has not been counted is not in it.
    func since(_ start: Counts) -> Counts {
        var counts = Counts()
        counts.lateStarts = lateStarts - start.lateStarts
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

extension Counts {
    /// One probe.
    ///
    /// - Parameter reason: Why it failed; nil when it did not.
    mutating func add(_ path: Path, _ reason: String?) {
        probes[path, default: 0] += 1
        guard let reason else { return }
        failures[path, default: 0] += 1
        failuresByOrigin[Origin(of: path), default: 0] += 1
        reasons[Origin(of: path), default: [:]][reason, default: 0] += 1
    }

    mutating func add(_ more: Counts) {
        probes.merge(more.probes, uniquingKeysWith: +)
        failures.merge(more.failures, uniquingKeysWith: +)
        failuresByOrigin.merge(more.failuresByOrigin, uniquingKeysWith: +)
        for (origin, counted) in more.reasons { reasons[origin, default: [:]].merge(counted, uniquingKeysWith: +) }
    }

    func adding(_ more: Counts) -> Counts {
        var counts = self
        counts.add(more)
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
    /// Whether its channel has no series by peer or by name, which say the same in more detail.
    fileprivate var standsAlone: Bool { ["cluster_ip", "hairpin", "api_server"].contains(labels["channel"] ?? "") }

    /// Whether it is also in the series of peers, which these are compared with.
    fileprivate var isCounted: Bool {
        !["udp", "icmp"].contains(labels["protocol"]) && labels["payload"] != "large"
    }
}

extension Path {
    fileprivate init(_ sample: Scrape.Sample) {
        self.init(
            channel: sample.labels["channel"] ?? "", family: sample.labels["ip_family"] ?? "",
            source: sample.labels["source_node"] ?? "", target: sample.labels["target_node"] ?? "",
            name: sample.labels["target"] ?? sample.labels["network"] ?? "")
    }
}

extension Origin {
    fileprivate init(_ sample: Scrape.Sample) {
        self.init(
            channel: sample.labels["channel"] ?? "", family: sample.labels["ip_family"] ?? "",
            source: sample.labels["source_node"] ?? "")
    }
}
