internal import Mesh

extension Exporter {
    /// What `/api/v1/targets` shows, in the envelope of Prometheus' HTTP API: every target, then what is known and not
    /// probed. A member that does not apply is left out; one that is not known yet is `null`.
    var targetsDocument: String {
        let probed = slots.compactMap(\.self).sorted { $0.target < $1.target }.map { slot in
            slot.members(role: slot.target.channel == .url ? metrics.probes.role(of: slot.target.name) : "")
        }
        let objects = (probed + plan.unprobed.map(\.members)).map { members in
            "{" + members.map { "\($0.key.json):\($0.value)" }.joined(separator: ",") + "}"
        }
        return #"{"status":"success","data":{"targets":["# + "\n" + objects.joined(separator: ",\n") + "\n]}}\n"
    }
}

/// A member of an object; the value is JSON.
private typealias Member = (key: String, value: String)

/// Text members, those that are empty left out.
private func texts(_ pairs: [(String, String)]) -> [Member] {
    pairs.filter { !$0.1.isEmpty }.map { ($0.0, $0.1.json) }
}

extension Exporter.Slot {
    /// - Parameter role: Of a configured target; empty: none.
    fileprivate func members(role: String) -> [Member] {
        let isExcluded = targetState == .excluded
        return texts([
            ("channel", target.channel.rawValue), ("state", targetState.rawValue),
            ("why", isExcluded ? "its peer is \(state.label): failures do not count" : ""),
            ("target_node", target.node), ("target_zone", target.zone),
            (target.channel == .multus ? "network" : "target", target.name), ("address", target.place),
            ("url", target.url), ("protocol", target.probe.rawValue), ("ip_family", target.address.family.rawValue),
            ("payload", target.payload.rawValue), ("role", role),
        ]) + [
            ("last_outcome", last.map(\.outcome.label.json) ?? "null"),
            ("last_outcome_timestamp_seconds", last.map(\.time.description) ?? "null"),
            ("last_latency_seconds", latency.map { "\(Double($0) / 1e9)" } ?? "null"),
        ]
    }
}

extension Unprobed {
    fileprivate var members: [Member] {
        texts([
            ("channel", channel.rawValue), ("state", state.rawValue), ("why", text), ("target_node", node),
            (channel == .multus ? "network" : "target", name), ("address", place),
        ])
    }
}

extension Outcome {
    /// `success`, or the reason of the failure.
    fileprivate var label: String {
        switch self {
        case .success: "success"
        case .failure(let reason): reason.rawValue
        }
    }
}

extension Target {
    /// By channel, in the order of their declaration; then by what is probed.
    fileprivate static func < (left: Target, right: Target) -> Bool {
        if left.channel != right.channel {
            return Channel.allCases.firstIndex(of: left.channel)! < Channel.allCases.firstIndex(of: right.channel)!
        }
        return (left.node, left.name, left.place, left.url) < (right.node, right.name, right.place, right.url)
    }
}
