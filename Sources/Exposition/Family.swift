/// The kinds of metric in the text format, spelled as its TYPE line spells them.
package enum MetricType: String {
    case counter
    case gauge
    case histogram
    /// A summary without quantiles: `_sum` and `_count` only.
    case summary

    /// What is added to the family's name in its samples, in the order in which they are rendered.
    var suffixes: [String] {
        switch self {
        case .counter, .gauge: [""]
        case .histogram: ["_bucket", "_sum", "_count"]
        case .summary: ["_sum", "_count"]
        }
    }
}

/// A metric name with its help, type and labels, and the series under it.
///
/// Made by ``Registry/family(_:help:type:labels:buckets:bornAtZero:)``, and good for that registry only.
package final class Family {
    let name: String
    let type: MetricType
    let labels: [String]
    let bornAtZero: Bool
    /// Where the upper edges of a histogram lie in the registry's flat array of edges. Empty for other types.
    let edges: Range<Int>

    /// The HELP and TYPE lines.
    let header: [UInt8]
    /// The names of the samples, one for each suffix of the type.
    let sampleNames: [[UInt8]]
    /// `le="0.1"} ` for each edge and for `+Inf`: what follows the labels of a bucket's line. Empty for other types.
    let bucketEnds: [[UInt8]]

    /// The slots of the living and the retired series, sorted by the bytes of their label text.
    var order: [Int32] = []
    /// The slots of removed series, for the next ones. They stay with the family because all its series are as wide.
    var free: [Int32] = []

    init(
        name: String, help: String, type: MetricType, labels: [String], buckets: [Double], bornAtZero: Bool,
        edges: Range<Int>
    ) {
        self.name = name
        self.type = type
        self.labels = labels
        self.bornAtZero = bornAtZero
        self.edges = edges
        var header = Array("# HELP \(name) ".utf8)
        header.append(escapedHelp: help)
        header.append(contentsOf: "\n# TYPE \(name) \(type.rawValue)\n".utf8)
        self.header = header
        sampleNames = type.suffixes.map { Array((name + $0).utf8) }
        bucketEnds = (type == .histogram ? buckets + [.infinity] : []).map { edge in
            var end = Array("le=\"".utf8)
            end.append(number: edge)
            end.append(contentsOf: "\"} ".utf8)
            return end
        }
    }

    /// How many values a series has in the registry's flat array.
    ///
    /// A histogram: one count for each edge, not cumulative, one for `+Inf`, the sum. A summary: the sum, the count.
    var width: Int {
        switch type {
        case .counter, .gauge: 1
        case .histogram: edges.count + 2
        case .summary: 2
        }
    }

    /// How many lines, each of them a series to Prometheus, one of our series is rendered as.
    var linesPerSeries: Int {
        type == .histogram ? edges.count + 3 : type.suffixes.count
    }
}

extension Family {
    /// What is wrong with a family, or nil.
    ///
    /// The rules of the data model, and those of `promtool check metrics` that concern names
    /// (prometheus/client_golang, prometheus/testutil/promlint/validations).
    static func fault(
        name: String, help: String, type: MetricType, labels: [String], buckets: [Double], bornAtZero: Bool
    ) -> String? {
        // Colons are legal, but recording rules have them for themselves.
        guard isIdentifier(name) else { return "bad metric name \(name)" }
        guard !help.isEmpty else { return "\(name) has no help" }
        guard name.hasSuffix("_total") == (type == .counter) else {
            return "\(name): counters end in _total, and nothing else does"
        }
        // So no family can have the name of another one's samples.
        guard !["_bucket", "_sum", "_count"].contains(where: name.hasSuffix) else {
            return "\(name) ends as the samples of a histogram do"
        }
        for (index, label) in labels.enumerated() {
            guard isIdentifier(label), !label.hasPrefix("__") else { return "\(name): bad label name \(label)" }
            guard label != "le", label != "quantile" else { return "\(name): the label \(label) belongs to the format" }
            guard !labels[..<index].contains(label) else { return "\(name) has the label \(label) twice" }
        }
        guard buckets.isEmpty == (type != .histogram) else {
            return "\(name): histograms have buckets, and nothing else does"
        }
        guard buckets.allSatisfy(\.isFinite), zip(buckets, buckets.dropFirst()).allSatisfy(<) else {
            return "\(name): edges are finite and ascending"
        }
        guard !bornAtZero || type == .counter else { return "\(name): only counters are born at zero" }
        return nil
    }

    /// Whether this is `[a-zA-Z_][a-zA-Z0-9_]*`.
    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.enumerated().allSatisfy { index, byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                    true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
                default: false
                }
            }
    }
}
