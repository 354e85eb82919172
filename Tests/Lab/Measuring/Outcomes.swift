/// The outcomes of probes over UDP, of which no counter names the peer: what `/api/v1/targets` shows as the last of each
/// target, each taken once. Looked at less often than probed, some are missed, and none is taken twice.
struct Outcomes: Sendable {
    /// The column, and the channel in these paths.
    static let column = "pod_udp"

    private(set) var counts = Counts()
    /// When the last that was seen ended.
    private var times: [Path: Double] = [:]

    /// - Parameter listed: By node. What has ended before is not counted.
    init(_ listed: [(Node, [ListedTarget])]) {
        for (path, target) in Outcomes.targets(listed) { times[path] = target.time }
    }

    var paths: some Sequence<Path> { times.keys }

    mutating func add(_ listed: [(Node, [ListedTarget])]) {
        for (path, target) in Outcomes.targets(listed) {
            guard let time = target.time, let outcome = target.outcome, times.updateValue(time, forKey: path) != time
            else { continue }
            counts.add(path, outcome == "success" ? nil : outcome)
        }
    }

    private static func targets(_ listed: [(Node, [ListedTarget])]) -> [(Path, ListedTarget)] {
        listed.flatMap { node, targets in
            targets.filter { $0.channel == "pod" && $0.probe == "udp" }.map { target in
                let path = Path(
                    channel: column, family: target.family ?? "", source: node.name, target: target.node ?? "")
                return (path, target)
            }
        }
    }
}
