import Foundation
import Support
import Testing

extension Lab {
    /// The cluster is what the objects of its API server say.
    @Suite(.serialized, .cluster(Probing(channels: ["pod"]))) struct ClusterTests {
        private var cluster: Cluster { .current }

        private func ask(_ target: String) async throws -> String {
            let api = cluster.controlPlane.api
            return try await cluster.controlPlane.namespace.run {
                try HTTPGet.fetchBlocking(api.url + target).text
            }
        }

        @Test(arguments: Node.all)
        func theObjectsHaveTheAddressesThatTheNodesHave(node: Node) async throws {
            let object = try await ask("/api/v1/nodes/\(node.name)")
            for address in node.addresses {
                #expect(object.contains(#"{"type":"InternalIP","address":"\#(address)"}"#))
            }
            #expect(object.contains(#""topology.kubernetes.io/zone":"\#(node.zone)""#))
            let pod = try await ask("/api/v1/namespaces/heartmesh/pods/heartmesh-\(node.letter)")
            for address in node.podAddresses { #expect(pod.contains(#"{"ip":"\#(address)"}"#)) }
            for address in node.storageAddresses { #expect(pod.contains(#"\"\#(address)\""#)) }
            #expect(pod.contains(#""nodeName":"\#(node.name)""#))
            for index in [0, 1] {
                let slices = try await ask("/apis/discovery.k8s.io/v1/namespaces/heartmesh/endpointslices")
                #expect(slices.contains(#"{"addresses":["\#(node.podAddresses[index])"]"#))
            }
            #expect(cluster[node.letter].node == node)
        }

        @Test func theServicesAreOfEveryKind() throws {
            let services = try cluster.controlPlane.services()
            #expect(
                services.map(\.metadata.name) == [
                    "heartmesh", "heartmesh-hairpin", "heartmesh-headless", "heartmesh-lb", "heartmesh-lb-hostname",
                    "heartmesh-lb-pending", "heartmesh-nodeport", "heartmesh-v6",
                ])
            #expect(
                services.map(\.channel) == [
                    "cluster_ip", "hairpin", nil, "load_balancer", "load_balancer", "load_balancer", "node_port",
                    "cluster_ip",
                ])
            #expect(
                services.map(\.balancerPlaces).filter { !$0.isEmpty } == [
                    ["198.51.100.10", "2001:db8:10::10"], Site.balancer,
                ])
        }

        @Test func aServiceIsAnsweredByEveryPod() async throws {
            let address = try #require(cluster.controlPlane.services().first?.clusterIPs.first)
            for host in [address] + Site.balancer {
                var answers: Set<String> = []
                try await eventually(within: .seconds(20), "all four answer at \(host)") {
                    let url = "http://\(SocketAddress(host, Site.responderPort))/"
                    if let identity = try await cluster["a"].fetch(url).headers["Heartmesh"] {
                        answers.formUnion(Node.all.map(\.name).filter { identity.contains("node=\($0);") })
                    }
                    return answers.count == Node.all.count
                }
            }
        }

        @Test func theAPIServerSaysThatItLives() async throws {
            #expect(try await ask("/livez") == "ok")
        }

        @Test func theIngressControllerSpeaksHTTPSUnderItsName() async throws {
            for address in Site.ingress {
                let response = try await cluster["a"].fetch(
                    "http://\(SocketAddress(address, 80))/", headers: ["Host": IngressController.secureHost])
                #expect(response.status == 308)
                #expect(response.headers["Location"] == "https://heartmesh.lab.example/")
                let folder = cluster.folder.path
                try await cluster["a"].namespace.run {
                    _ = try tool(
                        "openssl", "s_client", "-connect", "\(SocketAddress(address, 443))", "-brief",
                        "-servername", "heartmesh.lab.example", "-verify_hostname", "heartmesh.lab.example",
                        "-CAfile", "\(folder)/authority.crt", "-verify_return_error")
                }
            }
        }

        @Test func namesAreResolvedInThePods() throws {
            let name = cluster["a"].namespace.name
            let address = try tool("ip", "netns", "exec", name, "getent", "ahosts", "kubernetes.default.svc")
            #expect(address.hasPrefix(Site.apiServer))
            let balancer = try tool(
                "ip", "netns", "exec", name, "getent", "ahosts", "heartmesh-1234.elb.lab.example")
            #expect(Site.balancer.allSatisfy { balancer.contains($0) })
        }

        /// Last: it changes the cluster.
        @Test func objectsChangeWhileItRuns() async throws {
            try cluster.controlPlane.api.change { try $0.removeEndpoints(ofNode: "node-d") }
            for letter in ["a", "b", "c"] {
                try await eventually(within: .seconds(20), "\(letter) forgets node-d") {
                    let scrape = try await cluster[letter].scrape()
                    return scrape.samples("heartmesh_peer_probes_total", ["target_node": "node-d"]).isEmpty
                }
            }
            #expect(try await cluster.counts().failures.values.allSatisfy { $0 == 0 })
        }
    }
}
