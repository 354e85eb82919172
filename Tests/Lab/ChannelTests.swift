import Support
import Testing

extension Lab {
    /// What the exporters find to probe, and what they make of changes.
    @Suite(.serialized, .cluster) struct ChannelTests {
        private var cluster: Cluster { .current }

        // MARK: What there is

        @Test func eachPathIsProbedAndNoneFails() async throws {
            let paths = try Path.all(of: Probing.allChannels, services: cluster.controlPlane.services())
            #expect(try await Set(cluster.counts().probes.keys) == paths)
            let problems = try await cluster.problems(probes: 2...2)
            #expect(problems == [])
        }

        @Test(arguments: Node.all)
        func everyTargetIsInOneState(node: Node) async throws {
            let scrape = try await cluster[node.letter].scrape()
            // Three peers at two addresses each; of the node ports, this node's own too.
            let probed = [
                "pod": 6, "multus": 6, "node": 6, "cluster_ip": 3, "hairpin": 2, "node_port": 8, "load_balancer": 4,
                "ingress": 8, "api_server": 1,
            ]
            #expect(Set(probed.keys) == Set(Probing.allChannels))
            for (channel, count) in probed {
                let isSometimesPending = channel == "load_balancer" || channel == "ingress"
                #expect(targets(scrape, channel, "probed") == count, "\(channel)")
                #expect(targets(scrape, channel, "pending") == (isSometimesPending ? 1 : 0), "\(channel)")
                for state in ["unresolved", "excluded", "missing"] { #expect(targets(scrape, channel, state) == 0) }
            }
            let listed = try await cluster[node.letter].targets()
            for channel in Probing.allChannels {
                let count = listed.count { $0.channel == channel && $0.state == "probed" && $0.address != nil }
                #expect(count == probed[channel], "\(channel)")
            }
            let pending = listed.filter { $0.state == "pending" }
            #expect(Set(pending.map(\.target)) == ["heartmesh-lb-pending", "heartmesh-pending/"])
            #expect(pending.allSatisfy { $0.address == nil && $0.why != nil })
        }

        @Test func namedTargetsHaveTheAddressesOfTheirObjects() async throws {
            #expect(
                try await places("load_balancer") == [
                    "heartmesh-lb": ["198.51.100.10:8900", "[2001:db8:10::10]:8900"],
                    "heartmesh-lb-hostname": ["198.51.100.12:8900", "[2001:db8:10::12]:8900"],
                ])
            let http: Set = ["198.51.100.20:80", "[2001:db8:20::20]:80"]
            #expect(
                try await places("ingress") == [
                    "beat.lab.example/beat": http, "heartmesh-hostname/": http, "heartmesh.wild.lab.example/": http,
                    "heartmesh.lab.example/": ["198.51.100.20:443", "[2001:db8:20::20]:443"],
                ])
            #expect(try await places("api_server").values.first == ["10.96.0.1:443"])
            #expect(try await places("cluster_ip")["heartmesh-v6"] == ["[fd00:96::8450]:8900"])
        }

        @Test(arguments: Node.all, ["cluster_ip", "node_port", "load_balancer"])
        func everyPodAnswersForAService(node: Node, channel: String) async throws {
            // Two nodes in each of two zones: a quarter on the own node, a quarter in the own zone, half in the other.
            let shares = ["same_node": 0.25, "same_zone": 0.25, "other_zone": 0.5]
            try await eventually(within: .seconds(60), "the replies are spread as the nodes are") {
                let scrape = try await cluster[node.letter].scrape()
                return shares.keys.map { locality in
                    scrape.sum(
                        "heartmesh_service_backend_replies_total", ["channel": channel, "locality": locality])
                }
            } until: { (replies: [Double]) in
                let all = replies.reduce(0, +)
                return all >= 40
                    && zip(shares.values, replies).allSatisfy { abs($1 / all - $0) < 0.15 }
            }
        }

        @Test(arguments: Node.all)
        func eachReplyForAServiceIsCountedOnce(node: Node) async throws {
            let scrape = try await cluster[node.letter].scrape()
            for channel in ["cluster_ip", "node_port", "load_balancer"] {
                let labels = ["channel": channel]
                let successes =
                    scrape.sum("heartmesh_probes_total", labels) - scrape.sum("heartmesh_probe_failures_total", labels)
                #expect(scrape.sum("heartmesh_service_backend_replies_total", labels) == successes, "\(channel)")
                #expect(successes > 0)
            }
        }

        // MARK: What changes while it runs. Each test leaves its change behind, and the next one changes something else.

        @Test func aBadAnnotationIsOneErrorAndTheOtherPodsStay() async throws {
            try cluster.controlPlane.api.change("pods") { pods in
                try pods.replace(#"\"interface\": \"net1\""#, with: #"\"interface\": \"net1"#, in: "heartmesh-d")
            }
            for letter in ["a", "b", "c"] {
                // Pods are read again one after the other, as the budget for the API server allows.
                try await eventually(within: .seconds(60), "\(letter) counts the pod's annotation") {
                    let scrape = try await cluster[letter].scrape()
                    let invalid = scrape.sum("heartmesh_discovery_invalid_objects", ["resource": "pods"])
                    return [Int(invalid), targets(scrape, "multus", "probed"), targets(scrape, "pod", "probed")]
                } until: {
                    $0 == [1, 4, 6]
                }
            }
            // Nor has that pod a network any more to probe from.
            try await eventually(within: .seconds(60), "what was counted to and from node-d is gone") {
                try await cluster.counts().probes.keys.filter { $0.channel == "multus" && $0.touches(["node-d"]) }
            } until: {
                $0.isEmpty
            }
            let problems = try await cluster.problems()
            #expect(problems == [])
        }

        @Test func aBalancerIsProbedWhenItGetsAnAddress() async throws {
            try changeService(
                "heartmesh-lb-pending", #""loadBalancer":{}"#,
                to: #""loadBalancer":{"ingress":[{"ip":"198.51.100.13","ipMode":"VIP"}]}"#)
            try await waitForTargets("load_balancer", ["probed": 5, "pending": 0])
            #expect(try await places("load_balancer")["heartmesh-lb-pending"] == ["198.51.100.13:8900"])
            let problems = try await cluster.problems()
            #expect(problems == [])
        }

        @Test func aNameWithoutAnAddressIsNotProbed() async throws {
            try changeService("heartmesh-lb-hostname", "heartmesh-1234.elb", to: "nowhere.elb")
            try await waitForTargets("load_balancer", ["probed": 3, "unresolved": 1])
            let problems = try await cluster.problems()
            #expect(problems == [])
        }

        @Test func aServiceThatMovesIsProbedWhereItIs() async throws {
            try changeService("heartmesh", #""10.96.47.6""#, to: #""10.96.47.66""#)
            for exporter in cluster.exporters {
                try await eventually(within: .seconds(20), "\(exporter.node.name) finds the new address") {
                    try await places("cluster_ip", from: exporter)
                } until: {
                    $0["heartmesh"] == ["10.96.47.66:8900", "[fd00:96::4de0]:8900"]
                }
            }
            try cluster.loadProxies()
            let problems = try await cluster.problems()
            #expect(problems == [])
        }

        @Test func aServiceThatIsGoneIsNotProbed() async throws {
            try cluster.controlPlane.api.change("services") { try $0.remove("heartmesh-nodeport") }
            // The channel is on, and has nothing to probe.
            try await waitForTargets("node_port", ["probed": 0, "missing": 1])
            let before = try await cluster.counts()
            try cluster.loadProxies()
            let paths = { (counts: Counts) in counts.probes.filter { $0.key.channel == "node_port" } }
            try await cluster.settle()
            #expect(try await paths(cluster.counts().since(before)).isEmpty)
            #expect(try await cluster.counts().failures.values.allSatisfy { $0 == 0 })
        }

        // MARK: -

        /// Changes a text in a Service. The nodes' rules know of it first, and what it was before is still good in them.
        private func changeService(_ name: String, _ old: String, to new: String) throws {
            guard let before = cluster.controlPlane.api.list("services") else { preconditionFailure("it is served") }
            var services = before
            try services.replace(old, with: new, in: name)
            try cluster.loadProxies(ServiceDocument.all(in: services) + ServiceDocument.all(in: before))
            try cluster.controlPlane.api.change("services") { [services] in $0 = services }
        }

        private func targets(_ scrape: Scrape, _ channel: String, _ state: String) -> Int {
            Int(scrape.sum("heartmesh_targets", ["channel": channel, "state": state]))
        }

        private func waitForTargets(_ channel: String, _ counts: [String: Int]) async throws {
            for exporter in cluster.exporters {
                try await eventually(within: .seconds(20), "\(exporter.node.name): \(channel): \(counts)") {
                    let scrape = try await exporter.scrape()
                    return Dictionary(uniqueKeysWithValues: counts.keys.map { ($0, targets(scrape, channel, $0)) })
                } until: {
                    $0 == counts
                }
            }
        }

        /// Where the targets of a channel are probed, by their names.
        private func places(_ channel: String, from exporter: Exporter? = nil) async throws -> [String: Set<String>] {
            let listed = try await (exporter ?? cluster["a"]).targets()
            return listed.reduce(into: [:]) { places, target in
                guard target.channel == channel, target.state == "probed", let address = target.address else { return }
                places[target.target ?? "", default: []].insert(address)
            }
        }
    }
}

extension ObjectList {
    /// Replaces a text in an object, which must be there.
    fileprivate mutating func replace(_ old: String, with new: String, in name: String) throws {
        try edit(name) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard text.contains(old) else { throw ToolFailed(description: "\(name) does not contain \(old)") }
            bytes = Array(text.replacing(old, with: new).utf8)
        }
    }
}
