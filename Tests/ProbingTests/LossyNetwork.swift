import Foundation
import Glibc
import Support

/// A network namespace of its own with nothing but loopback, where rules of nft(8) lose packets. As root only.
final class LossyNetwork: Sendable {
    static let isPermitted = geteuid() == 0

    private let namespace: NetworkNamespace

    init() throws {
        namespace = NetworkNamespace("hmp-\(UUID())")
        try Self.tool("ip", "netns", "add", namespace.name)
        // As on a wire: loopback's own packets of 64 KiB would carry everything at once.
        try Self.tool("ip", "-n", namespace.name, "link", "set", "lo", "mtu", "1500", "up")
    }

    deinit {
        try? Self.tool("ip", "netns", "delete", namespace.name)
    }

    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await namespace.run(body)
    }

    /// Loses packets on their way in, so that the sender's kernel takes them for sent. Called from within `run`.
    ///
    /// - Parameter matches: Of nft(8), one rule each, without the verdict.
    static func lose(_ matches: String...) throws {
        let chain = "add chain inet loss in { type filter hook prerouting priority 0; }"
        let rules = matches.map { "add rule inet loss in \($0) drop" }
        try Self.tool("nft", (["add table inet loss", chain] + rules).joined(separator: "\n"))
    }

    /// Runs a program, in the namespace when called from within `run`.
    static func tool(_ words: String...) throws {
        let running = try Running(words[0], Array(words.dropFirst()))
        let exit = running.waitForExit()
        guard exit == .code(0) else { throw ToolFailed(text: "\(words): \(exit) \(running.errorText)") }
    }
}

private struct ToolFailed: Error {
    let text: String
}
