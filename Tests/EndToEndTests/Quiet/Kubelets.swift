import Support

/// The nodes' own addresses, and a port on each where a kubelet listens. Pods that come and go are nothing to them.
final class Kubelets: Sendable {
    let port: UInt16
    private let nodes: [String]
    private let servers: [StubServer]

    init(of nodes: [String]) throws {
        self.nodes = nodes
        let hosts = LoopbackHosts.next(nodes.count)
        let free = try FreePort(on: hosts)
        port = free.port
        servers = try hosts.map { try StubServer(host: $0, port: free.port, onAccept: [.hang]) }
    }

    /// The recorded Nodes, with these addresses.
    func serveNodes(on api: RecordedAPI) throws {
        try api.serve(list: "100/list/nodes.json") { list in
            try list.keep { nodes.contains($0.name) }
            for (node, server) in zip(nodes, servers) {
                try list.edit(node) { bytes in
                    let text = String(decoding: bytes, as: UTF8.self)
                    let recorded = /{"type":"InternalIP","address":"[0-9.]+"}/
                    let own = #"{"type":"InternalIP","address":"\#(server.address.host)"}"#
                    bytes = Array(text.replacing(recorded, with: own).utf8)
                }
            }
        }
    }
}

extension RecordedAPI {
    /// What `kubectl cordon` and the node's controller write: both leave the pods and their endpoints alone.
    func cordon(_ node: String) throws {
        try change("nodes") { list in
            try list.edit(node) { bytes in
                let taint = #"{"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule"}"#
                let text = String(decoding: bytes, as: UTF8.self)
                bytes = Array(
                    text.replacing(#""spec":{"#, with: #""spec":{"unschedulable":true,"taints":[\#(taint)],"#).utf8)
            }
        }
    }
}
