/// What a pair of counters in the metrics stands for: the probes of one channel and one family, from a node to a node, or to
/// a Service, which any of the pods may answer.
struct Path: Hashable, Sendable, CustomStringConvertible {
    let channel: String
    let family: String
    let source: String
    /// Empty for what is not addressed to a peer.
    let target: String

    var description: String { "\(channel) \(family) \(source) → \(target.isEmpty ? "any" : target)" }

    func touches(_ nodes: [String]) -> Bool { nodes.contains(source) || nodes.contains(target) }
}

/// Where reasons are counted: they are not told apart by target.
struct Origin: Hashable, Sendable, CustomStringConvertible {
    let channel: String
    let family: String
    let source: String

    init(channel: String, family: String, source: String) {
        self.channel = channel
        self.family = family
        self.source = source
    }

    init(of path: Path) {
        self.init(channel: path.channel, family: path.family, source: path.source)
    }

    var description: String { "\(channel) \(family) \(source)" }
}
