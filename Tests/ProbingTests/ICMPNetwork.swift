import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// A network namespace in which ICMP sockets of one kind can be opened, and the kernel answers unless it is told not to.
struct ICMPNetwork: Sendable, CustomTestStringConvertible {
    let kind: EchoSocket.Kind
    let family: IPFamily

    static let all = [EchoSocket.Kind.datagram, .raw].flatMap { kind in
        IPFamily.allCases.map { ICMPNetwork(kind: kind, family: $0) }
    }

    var testDescription: String { "\(kind) \(family)" }

    /// The host itself; one that nobody else uses; another one that it can answer from.
    var host: String { family == .ipv4 ? "127.0.0.1" : "::1" }
    var other: String { family == .ipv4 ? "127.0.0.9" : "fd00::9" }
    var elsewhere: String { family == .ipv4 ? "127.0.0.8" : "fd00::8" }
    /// Of nft(8).
    var addressKey: String { family == .ipv4 ? "ip" : "ip6" }

    func run<Result: Sendable>(
        kernelAnswers: Bool = true, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await LossyNetwork().run {
            for address in ["fd00::8/128", "fd00::9/128"] {
                try LossyNetwork.tool("ip", "addr", "add", address, "dev", "lo", "nodad")
            }
            var settings = ["net.ipv4.ping_group_range=\(kind == .datagram ? "0 2147483647" : "1 0")"]
            if !kernelAnswers {
                settings += ["net.ipv4.icmp_echo_ignore_all=1", "net.ipv6.icmp.echo_ignore_all=1"]
            }
            for setting in settings { try LossyNetwork.tool("sysctl", "-qw", setting) }
            let endpoint = try #require(IPAddress(host)).endpoint
            try #require(try EchoSocket.open(askingLike: endpoint).kind == kind)
            return try body()
        }
    }
}

func icmpTarget(_ host: String) throws -> Target { try target(.icmp, SocketAddress(host, 0), .server) }

extension IPAddress {
    var endpoint: Endpoint { Endpoint(address: bytes, port: 0) }
}
