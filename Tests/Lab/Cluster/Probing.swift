/// How the exporters of a cluster probe: all channels alike.
struct Probing: Sendable {
    static let allChannels = [
        "pod", "multus", "node", "cluster_ip", "hairpin", "node_port", "load_balancer", "ingress", "api_server",
    ]

    /// Those that are on; the others are off.
    var channels = allChannels
    /// In milliseconds. Some 44 targets of each of four exporters are 350 probes a second.
    var interval = 300
    /// In milliseconds: a SYN that is lost is sent again after a second.
    var timeout = 1500
    var podProtocols = ["http"]
    var multusProtocols = ["http"]
    var nodeProtocols = ["tcp"]
    /// Whether pods and the multus network are probed with large payloads, too: once a second.
    var hasLargePayloads = false

    private var large: String { hasLargePayloads ? "mode: on, interval: 1s" : "mode: off" }

    /// The configuration's `channels`, in YAML.
    ///
    /// - Parameter authority: The file with the certificate that the ingress controller's is signed with.
    func yaml(authority: String) -> String {
        let lines = Probing.allChannels.map { channel in
            guard channels.contains(channel) else { return "  \(channel): {mode: off}" }
            let more =
                switch channel {
                case "ingress": ", caFile: \(authority)"
                case "pod": ", protocols: [\(podProtocols.joined(separator: ", "))], large: {\(large)}"
                case "node": ", protocols: [\(nodeProtocols.joined(separator: ", "))]"
                case "multus": ", protocols: [\(multusProtocols.joined(separator: ", "))], large: {\(large)}"
                default: ""
                }
            return "  \(channel): {mode: on, interval: \(interval)ms, timeout: \(timeout)ms\(more)}"
        }
        return lines.joined(separator: "\n")
    }
}
