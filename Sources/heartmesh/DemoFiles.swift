/// What the demo writes and says.
enum DemoFiles {
    static var mesh: String {
        "peers:\n"
            + Demo.nodes.map {
                "  - {node: \($0.name), zone: \($0.zone), addresses: [\($0.address)], port: \(Demo.responderPort)}\n"
            }.joined()
    }

    static let configuration = """
        mesh: demo
        discovery: {file: mesh.yaml}
        channels: {pod: {interval: 2s, timeout: 1500ms}, dns: {mode: off}}

        """

    static func prometheus(rules: String?) -> String {
        let targets = Demo.nodes.map {
            "      - {targets: [\"\($0.address):\(Demo.webPort)\"], labels: {node: \($0.name)}}\n"
        }
        return """
            global: {scrape_interval: 5s, evaluation_interval: 5s}
            \(rules.map { "rule_files: [\"\($0)\"]" } ?? "")
            scrape_configs:
              - job_name: heartmesh
                static_configs:
            \(targets.joined())
            """
    }

    private static let query = "sum by (target_node) (rate(heartmesh_peer_probe_failures_total[30s]))"

    static func introduction(folder: String, hasPrometheus: Bool, hasRules: Bool) -> String {
        let rows = Demo.nodes.map { "  \($0.name)  zone \($0.zone)  http://\($0.address):\(Demo.webPort)/metrics" }
        var monitoring = "Prometheus is not installed (apt-get install prometheus): the demo runs without it."
        if hasPrometheus {
            monitoring = "Prometheus scrapes them all: http://\(Demo.prometheus)/\n"
            if hasRules {
                monitoring += "Its page Alerts will name the broken node.\n"
            }
            monitoring += "Ask it for the failures of each node a second:\n\n  \(query)"
        }
        return """
            A mesh of six nodes, each probing all the others every two seconds:

            \(rows.joined(separator: "\n"))

            \(monitoring)

            Look at one node's view of the others:

              curl -s http://\(Demo.nodes[0].address):\(Demo.webPort)/metrics | grep peer_probe_failures

            In 45 seconds \(Demo.nodes[2].name) stops for two minutes, and so on. Ctrl-C ends all of it. Logs: \(folder)

            """
    }

    static func stopped(_ node: Demo.Node) -> String {
        """
        \(node.name) stops. Watch heartmesh_peer_probe_failures_total{target_node="\(node.name)"} rise on the five
        others, and heartmesh_probe_failure_reasons_total{reason="timeout"} with it; no other target_node fails.
        With its alerts, Prometheus fires HeartmeshNodeUnreachable for \(node.name) within 90 seconds, and nothing else.

        """
    }

    static func resumed(_ node: Demo.Node) -> String {
        "\(node.name) is back: the failures stop rising.\n"
    }
}
