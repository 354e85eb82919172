import Foundation
import Support

/// A Kubernetes cluster without Kubernetes: four nodes in two zones, the network between them, their pods, kube-proxy's
/// rules, an ingress controller and an API server, all in namespaces of one test process.
final class Cluster: Sendable {
    let network: Network
    let folder: Folder
    let controlPlane: ControlPlane
    let ingress: IngressController
    let exporters: [Exporter]
    private let kubelets: [StubServer]

    private static let made = Mutable(0)

    /// - Parameter channels: The configuration's `channels`, in YAML's flow style.
    init(channels: String) async throws {
        Leftovers.sweep()
        let number = Cluster.made.with { count in
            count += 1
            return count
        }
        network = try Network(number: number)
        var exporters: [Exporter] = []
        var kubelets: [StubServer] = []
        do {
            folder = try Folder(prefix: network.cabling.prefix)
            try Certificates.make(
                [
                    ("api", "DNS:kubernetes.default.svc,DNS:kubernetes,IP:\(Site.apiServer),IP:\(Site.controlPlane)"),
                    ("ingress", "DNS:heartmesh.lab.example"),
                ], in: folder)
            controlPlane = try ControlPlane(in: network["control-plane"], folder)
            ingress = try IngressController(in: network["ingress"], folder)
            try ingress.start()
            let configuration = try folder.write(
                """
                discovery: {interval: 2s, kubernetes: {namespace: heartmesh, service: heartmesh-headless}}
                channels: {\(channels), dns: {mode: off}}

                """, "heartmesh.yaml")
            let kubeconfig = try folder.write(
                """
                apiVersion: v1
                kind: Config
                current-context: lab
                contexts: [{name: lab, context: {cluster: lab, user: lab, namespace: heartmesh}}]
                clusters: [{name: lab, cluster: {server: "https://\(Site.apiServer):443", \
                certificate-authority: \(folder.path)/authority.crt}}]
                users: [{name: lab, user: {token: a-token}}]

                """, "kubeconfig")
            for node in Node.all {
                for address in node.addresses {
                    kubelets.append(
                        try network[node.name].runBlocking {
                            try StubServer(host: address, port: Site.kubeletPort, onAccept: [.hang])
                        })
                }
                exporters.append(
                    try Exporter(
                        node, in: network.pod(node), configuration: configuration, kubeconfig: kubeconfig))
            }
            self.exporters = exporters
            self.kubelets = kubelets
            try loadProxies()
            try await start()
        } catch {
            Cluster.stop(exporters, kubelets)
            network.remove()
            throw error
        }
    }

    subscript(letter: String) -> Exporter {
        guard let exporter = exporters.first(where: { $0.node.letter == letter }) else {
            preconditionFailure("no node \(letter)")
        }
        return exporter
    }

    /// Ends all programs and removes all namespaces. After this there is nothing left of the cluster.
    func remove() {
        Cluster.stop(exporters, kubelets)
        ingress.stop()
        controlPlane.stop()
        network.remove()
        folder.remove()
    }

    /// Makes the proxies' rules anew on all nodes, from the Services that the API server has now.
    func loadProxies() throws {
        for node in Node.all { try loadProxy(of: node) }
    }

    func loadProxy(of node: Node, change: (inout KubeProxy) -> Void = { _ in }) throws {
        var proxy = KubeProxy(node: node, services: try controlPlane.services)
        change(&proxy)
        try network.nft(proxy.rules, in: network[node.name])
    }

    /// Lets the exporters find the API server once all of them listen: who was probed before would refuse, and rightly so.
    private func start() async throws {
        for exporter in exporters {
            try await eventually(within: .seconds(20), "\(exporter.node.name) listens; its log: \(exporter.log)") {
                try await exporter.fetch("http://127.0.0.1:\(Site.responderPort)/").status == 200
            }
        }
        try controlPlane.start()
        for exporter in exporters {
            try await eventually(within: .seconds(20), "\(exporter.node.name) knows its peers") {
                try await exporter.scrape().sum("heartmesh_peers")
            } until: {
                $0 == Double(Node.all.count - 1)
            }
        }
    }

    private static func stop(_ exporters: [Exporter], _ kubelets: [StubServer]) {
        for exporter in exporters { exporter.stop() }
        for kubelet in kubelets { kubelet.stop() }
    }
}
