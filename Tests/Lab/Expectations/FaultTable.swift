/// Fault × channel: who fails, and why.
enum FaultTable {
    struct Row: Sendable, CustomStringConvertible {
        let fault: Fault
        /// By column; what is not here stays well.
        let effects: [String: Effect]

        init(_ fault: Fault, _ effects: [String: Effect] = [:]) {
            self.fault = fault
            self.effects = effects
        }

        var description: String { fault.description }
    }

    /// In the order of the table. `pod_large` is the channel `pod` with an answer of several packets, `pod_udp` over UDP,
    /// `load_balancer_outside` the load balancer that kube-proxy has no rules for.
    static let columns = [
        "pod", "pod_large", Outcomes.column, "multus", "node", "cluster_ip", "hairpin", "node_port", "load_balancer",
        "load_balancer_outside", "ingress", "api_server",
    ]

    static let rows: [Row] = links + losses + services

    /// A node without a route says "unreachable" to its pod: of IPv4 once a second, and only to what is sent again.
    private static let cutOff = Verdict.fails(["timeout", "unreachable"])
    private static let unreachable = Verdict.fails(["unreachable"])

    private static let links = [
        Row(
            .nodeLinkDown("b"),
            [
                "pod": .around("b", from: cutOff, to: .timeout),
                "pod_large": .around("b", from: cutOff, to: .timeout),
                "pod_udp": .around("b", from: cutOff, to: .timeout),
                "node": .around("b", from: cutOff, to: .timeout),
                "cluster_ip": .around("b", from: .flaps(cutOff.reasons), others: .flapping),
                "node_port": portsWithoutLink,
                "load_balancer": .around("b", from: .flaps(cutOff.reasons), others: .flapping),
                "load_balancer_outside": .around("b", from: cutOff, others: .flapping),
                "ingress": .around("b", from: cutOff, others: .flapping),
                "api_server": .around("b", from: cutOff),
            ]),
        Row(
            .podLinkDown("b"),
            [
                "pod": .around("b", from: unreachable, to: .timeout),
                "pod_large": .around("b", from: unreachable, to: .timeout),
                "pod_udp": .around("b", from: unreachable, to: .timeout),
                "node": .around("b", from: unreachable),
                "cluster_ip": .around("b", from: unreachable, others: .flapping),
                "hairpin": .around("b", from: unreachable),
                "node_port": .around("b", within: unreachable, from: unreachable, to: .flapping, others: .flapping),
                "load_balancer": .around("b", from: unreachable, others: .flapping),
                "load_balancer_outside": .around("b", from: unreachable, others: .flapping),
                "ingress": .around("b", from: unreachable, others: .flapping),
                "api_server": .around("b", from: unreachable),
            ]),
        Row(.multusDown, ["multus": .all(.timeout)]),
    ]

    /// The node keeps its IPv4 address when the link goes, and loses its IPv6 address: the own port stands on one of them.
    private static let portsWithoutLink = Effect(
        """
        b→b: some timeout/unreachable (ipv4), timeout/unreachable (ipv6); b→: timeout/unreachable; →b: timeout; \
        others: some timeout
        """
    ) { path in
        let isOwn = path.source == "node-b" && path.target == "node-b"
        if isOwn, path.family == "ipv4" { return .flaps(cutOff.reasons) }
        if path.source == "node-b" { return cutOff }
        return path.target == "node-b" ? .timeout : .flapping
    }

    private static let losses = [
        Row(.lossTowards("b"), separation("b")),
        Row(
            .newConnectionsDropped(from: "a", to: "b"),
            [
                "pod": .between("a", "b", .timeout), "pod_large": .between("a", "b", .timeout),
                "node": .between("a", "b", .timeout), "cluster_ip": .around("a", from: .flapping),
                // Who asks another node's port comes to b in that node's name.
                "node_port": Effect("a→b: timeout; →a: some timeout") { path in
                    if path.target == "node-a" { return .flapping }
                    return path.source == "node-a" && path.target == "node-b" ? .timeout : .succeeds
                },
                "load_balancer": .around("a", from: .flapping),
            ]),
        Row(
            .loss(percent: 40, "b"),
            [
                "pod": .around("b", from: .flapping, to: .flapping),
                "pod_large": .around("b", from: .flapping, to: .flapping),
                "pod_udp": .around("b", from: .flapping, to: .flapping),
                "node": .around("b", from: .flapping, to: .flapping), "cluster_ip": .all(.flapping),
                "node_port": .all(.flapping), "load_balancer": .all(.flapping),
                "load_balancer_outside": .all(.flapping), "ingress": .all(.flapping),
                "api_server": .around("b", from: .flapping),
            ]),
        Row(.zoneCut("lab-1b"), separation("cd")),
        Row(
            .ipv6Broken("b"),
            separation("b", families: ["ipv6"]).merging(
                // The ingress controller goes on to the pods over IPv4.
                ["ingress": .around("b", from: .timeout, families: ["ipv6"]), "api_server": .none]
            ) { $1 }),
        Row(.largePacketsDropped("b"), ["pod_large": .around("b", from: .timeout, to: .timeout)]),
    ]

    private static let services = [
        Row(.staleEndpoint(on: "b", of: "c"), wrongRules(.flapping)),
        Row(.wrongPort(on: "b", of: "c"), wrongRules(.flaps(["refused"]))),
        Row(.policyIgnored("b"), ["hairpin": .around("b", from: .flaps(["wrong_peer"]))]),
        Row(
            .proxyDead("b"),
            [
                "cluster_ip": .around("b", from: .timeout), "hairpin": .around("b", from: .timeout),
                "node_port": .around("b", within: .fails(["refused"]), to: .fails(["refused"])),
                "load_balancer": .around("b", from: .timeout),
                // It goes on to send one in four connections to that node.
                "load_balancer_outside": .all(.flaps(["refused"])), "api_server": .around("b", from: .timeout),
            ]),
        Row(.ingressDown, ["ingress": .all(.fails(["refused"]))]),
        Row(.ingressBusy, ["ingress": .all(.fails(["status"]))]),
    ]

    /// Nothing passes between a part of the cluster and the rest, and nobody says so.
    private static func separation(_ part: String, families: Set<String> = ["ipv4", "ipv6"]) -> [String: Effect] {
        let direct = Effect.around(part, from: .timeout, to: .timeout, families: families)
        let service = Effect.around(part, from: .flapping, others: .flapping, families: families)
        return [
            "pod": direct, "pod_large": direct, "pod_udp": direct, "node": direct, "cluster_ip": service,
            "load_balancer": service,
            "node_port": .around(
                part, within: .flapping, from: .timeout, to: .timeout, others: .flapping, families: families),
            "load_balancer_outside": .around(part, from: .timeout, others: .flapping, families: families),
            "ingress": .around(part, from: .timeout, others: .flapping, families: families),
            "api_server": .around(part, from: .timeout),
        ]
    }

    /// One in four connections that node b's rules send somewhere goes wrong.
    private static func wrongRules(_ verdict: Verdict) -> [String: Effect] {
        [
            "cluster_ip": .around("b", from: verdict), "load_balancer": .around("b", from: verdict),
            "node_port": .around("b", within: verdict, to: verdict),
        ]
    }

    /// For the README.
    static var markdown: String {
        let head = ["fault"] + columns.map { "`\($0)`" }
        let lines = rows.map { row in [row.fault.description] + columns.map { (row.effects[$0] ?? .none).text } }
        let rule = head.map { _ in "---" }
        return ([head, rule] + lines).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }
}
