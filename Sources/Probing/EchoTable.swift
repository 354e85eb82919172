internal import Reactor

/// The ICMP probes that are under way, and those that were a moment ago: what a reply is an answer to. Pure.
///
/// All targets share the sequence numbers, of which there are 65,536. A probe lies in the place of its number's remainder,
/// and a number whose place is taken is passed over: none is used again while its probe is under way.
struct EchoTable {
    enum Reply: Equatable {
        /// To the probe in this place, which is under way.
        case answer(Int)
        /// To one that has been answered.
        case duplicate
        /// To one that has ended without it.
        case late
        /// To none that is known.
        case foreign
    }

    struct Probe {
        let attempt: Attempt
        let endpoint: Endpoint
        let startedAt: Instant
        let deadline: Instant
    }

    private enum State: UInt8 {
        case underWay, answered, unanswered
    }

    private struct Entry {
        var sequence: UInt16
        var state: State
        var nonce: UInt64
        var probe: Probe
    }

    /// Twice as many as can be under way (`Prober.activeLimit`); a divisor of 65,536.
    static let capacity = 1024

    /// The one that was chosen last.
    private var sequence: UInt16 = 0
    private var entries: [Entry?] = []

    /// Chooses the next sequence number.
    mutating func advance() -> UInt16 {
        for _ in 0..<EchoTable.capacity {
            sequence &+= 1
            if !isUnderWay(EchoTable.place(of: sequence)) { return sequence }
        }
        preconditionFailure("fewer probes are under way than there are places")
    }

    /// A probe has been sent with the number that was chosen last.
    ///
    /// - Returns: Its place.
    mutating func begin(_ probe: Probe, nonce: UInt64) -> Int {
        let place = EchoTable.place(of: sequence)
        while entries.count <= place { entries.append(nil) }
        entries[place] = Entry(sequence: sequence, state: .underWay, nonce: nonce, probe: probe)
        return place
    }

    private static func place(of sequence: UInt16) -> Int { Int(sequence) % capacity }

    /// The probe in a place, whether or not it is under way still.
    subscript(place: Int) -> Probe {
        guard let entry = entries[place] else { preconditionFailure("there was a probe in place \(place)") }
        return entry.probe
    }

    /// The place of the probe that is under way to this endpoint; nil when there is none.
    func underWay(_ echo: Echo, to endpoint: Endpoint) -> Int? {
        guard let place = known(echo, endpoint), isUnderWay(place) else { return nil }
        return place
    }

    /// A reply has come. After an answer the probe is no longer under way.
    mutating func replied(_ echo: Echo, from endpoint: Endpoint) -> Reply {
        guard let place = known(echo, endpoint) else { return .foreign }
        switch entries[place]!.state {
        case .underWay:
            entries[place]!.state = .answered
            return .answer(place)
        case .answered: return .duplicate
        case .unanswered: return .late
        }
    }

    /// A probe that is under way has ended without an answer.
    mutating func endUnanswered(_ place: Int) {
        precondition(isUnderWay(place), "the probe is under way")
        entries[place]!.state = .unanswered
    }

    private func isUnderWay(_ place: Int) -> Bool {
        place < entries.count && entries[place]?.state == .underWay
    }

    private func known(_ echo: Echo, _ endpoint: Endpoint) -> Int? {
        let place = EchoTable.place(of: echo.sequence)
        guard place < entries.count, let entry = entries[place], entry.sequence == echo.sequence,
            entry.probe.endpoint == endpoint, echo.nonce == nil || echo.nonce == entry.nonce
        else { return nil }
        return place
    }
}
