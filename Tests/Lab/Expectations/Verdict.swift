/// What becomes of the probes on one path while a fault lasts.
enum Verdict: Hashable, Sendable {
    case succeeds
    /// Every probe fails, each for one of these reasons.
    case fails(Set<String>)
    /// Some probes fail, for one of these reasons, and some succeed.
    case flaps(Set<String>)

    static let timeout = Verdict.fails(["timeout"])
    static let flapping = Verdict.flaps(["timeout"])

    var reasons: Set<String> {
        switch self {
        case .succeeds: []
        case .fails(let reasons), .flaps(let reasons): reasons
        }
    }

    var isFlapping: Bool {
        if case .flaps = self { true } else { false }
    }

    func fits(failures: Double, of probes: Double) -> Bool {
        switch self {
        case .succeeds: failures == 0
        case .fails: failures == probes
        case .flaps: failures > 0 && failures < probes
        }
    }

    /// For the table.
    var text: String {
        let names = reasons.sorted().joined(separator: "/")
        return switch self {
        case .succeeds: "–"
        case .fails: names
        case .flaps: "some \(names)"
        }
    }
}
