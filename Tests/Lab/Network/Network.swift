import Foundation
import Support

/// The namespaces of one cluster, with their links, addresses and routes. Nothing of it touches the machine's own
/// namespace.
final class Network: Sendable {
    let cabling: Cabling
    private let folder: Folder

    /// - Parameter number: Tells the clusters of one test process apart.
    init(number: Int) throws {
        cabling = Cabling(prefix: Leftovers.prefix(ofProcess: ProcessInfo.processInfo.processIdentifier) + "\(number)-")
        folder = try Folder(prefix: cabling.prefix)
        do {
            try build()
        } catch {
            remove()
            throw error
        }
    }

    subscript(_ name: String) -> NetworkNamespace { NetworkNamespace(cabling.prefix + name) }

    func pod(_ node: Node) -> NetworkNamespace { self["pod-\(node.letter)"] }

    /// All links and addresses go with the namespaces, once the programs in them have ended.
    func remove() {
        Leftovers.remove(cabling.namespaces)
        folder.remove()
    }

    /// Runs lines of ip(8) in a namespace.
    func ip(_ lines: [String], in namespace: NetworkNamespace) throws {
        let file = try folder.write(lines.joined(separator: "\n") + "\n", "ip-\(UUID().uuidString)")
        try tool("ip", "-n", namespace.name, "-batch", file)
    }

    /// Loads rules of nft(8) in a namespace, all of them or none.
    func nft(_ rules: String, in namespace: NetworkNamespace) throws {
        let file = try folder.write(rules + "\n", "nft-\(UUID().uuidString)")
        try namespace.runBlocking { _ = try tool("nft", "-f", file) }
    }

    /// Loads rules that translate addresses.
    ///
    /// The kernel remembers for two minutes where a SYN went that nobody answered. A connection that comes from the same
    /// port again goes there too: to a pod that is not there, minutes after the rules were mended. Here it remembers for
    /// three seconds, which is longer than a SYN waits to be repeated.
    func nat(_ rules: String, in namespace: NetworkNamespace) throws {
        try nft(rules, in: namespace)
        // Not with the other settings: it is there when something uses conntrack.
        try namespace.runBlocking { try set("net/netfilter/nf_conntrack_tcp_timeout_syn_sent", to: "3") }
    }

    private func build() throws {
        for namespace in cabling.namespaces { try writeNames(for: namespace) }
        let namespaces = cabling.namespaces.map { "netns add \($0)" }
        try tool("ip", "-batch", try folder.write(namespaces.joined(separator: "\n") + "\n", "namespaces"))
        for namespace in cabling.namespaces {
            try NetworkNamespace(namespace).runBlocking {
                for (name, value) in Network.settings { try set(name, to: value) }
            }
        }
        try tool("ip", "-batch", try folder.write(cabling.creation.joined(separator: "\n") + "\n", "links"))
        for (namespace, lines) in cabling.lines { try ip(lines, in: NetworkNamespace(namespace)) }
    }

    /// What `ip netns exec` puts in the place of the machine's files: the names that a cluster's DNS would give.
    private func writeNames(for namespace: String) throws {
        let folder = "/etc/netns/\(namespace)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let hosts =
            ["127.0.0.1 localhost", "\(Site.apiServer) kubernetes.default.svc kubernetes"]
            + Site.balancer.map { "\($0) heartmesh-1234.elb.lab.example" }
            + Site.ingress.map { "\($0) ingress-5678.elb.lab.example" }
        try (hosts.joined(separator: "\n") + "\n").write(toFile: "\(folder)/hosts", atomically: true, encoding: .utf8)
        // Nobody answers there: a name that is not above has no address.
        try "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n"
            .write(toFile: "\(folder)/resolv.conf", atomically: true, encoding: .utf8)
    }

    /// Of each namespace, before it has interfaces. A new namespace takes over what the machine has; here all of them are
    /// alike everywhere.
    private static let settings = [
        ("net/ipv4/ip_forward", "1"), ("net/ipv6/conf/all/forwarding", "1"),
        ("net/ipv4/conf/all/rp_filter", "0"), ("net/ipv4/conf/default/rp_filter", "0"),
        ("net/ipv4/conf/all/send_redirects", "0"), ("net/ipv4/conf/default/send_redirects", "0"),
        ("net/ipv6/conf/all/accept_dad", "0"), ("net/ipv6/conf/default/accept_dad", "0"),
        ("net/ipv6/conf/default/accept_ra", "0"), ("net/ipv4/ping_group_range", "0 2147483647"),
        // Otherwise one "unreachable" a second is sent, and the probes in between time out.
        ("net/ipv4/icmp_ratelimit", "0"), ("net/ipv6/icmp/ratelimit", "0"),
    ]
}

/// Writes a kernel setting of the calling thread's namespace.
private func set(_ name: String, to value: String) throws {
    do {
        try value.write(toFile: "/proc/sys/\(name)", atomically: false, encoding: .utf8)
    } catch {
        throw ToolFailed(description: "/proc/sys/\(name) = \(value): \(error)")
    }
}
