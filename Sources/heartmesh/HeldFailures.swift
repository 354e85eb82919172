internal import Mesh
internal import Reactor

/// A failed probe of which is not decided yet whether it counts.
struct HeldFailure: Equatable {
    let slot: Int
    let reason: Reason
    /// When the probe ended.
    let endedAt: Instant
    /// What was sent again in it.
    var retransmissions = Retransmissions()
    /// For the log.
    var detail = ""
}

/// First failures of peers that were well, which wait for a word of the API: perhaps the peer is gone, has moved or is
/// shutting down, and nobody has said so yet. Pure.
///
/// The API is asked at once, and when nothing has changed once more a while after the failure: it may be seconds late
/// itself. Whatever comes in here comes out once, as a decision.
struct HeldFailures {
    /// From the failure to the second look.
    static let patience = Duration.seconds(6)

    /// Whose failures are decided together.
    enum Subject: Hashable {
        /// On this node, over whatever path it was probed.
        case peer(node: String)
        /// Nobody knows who answered for a Service: `stableHash` of the node's name that it said.
        case stranger(UInt64)
    }

    /// To be asked of the API.
    struct Question: Equatable {
        let subject: Subject
        fileprivate let number: Int
    }

    struct Decision: Equatable {
        let failures: [HeldFailure]
        /// The peer's state because of which they are excluded; nil: they count.
        let excluded: PeerState?
    }

    private struct Group {
        /// Of the question that is under way, or was last.
        var number: Int
        /// The peer as it was known when it failed first; nil of a stranger.
        let peer: Peer?
        var failures: [HeldFailure]
        let secondLook: Instant
        var looks = 1
        var isAsked = true
    }

    private var groups: [Subject: Group] = [:]
    /// Names that strangers can make up are kept up to here.
    private static let foreignerLimit = 1000

    /// Strangers that the API does not know.
    private var foreigners: Set<UInt64> = []
    private var lastNumber = 0

    var isEmpty: Bool { groups.isEmpty }

    /// When a question is due that nothing else brings up.
    var nextLook: Instant { groups.values.filter { !$0.isAsked }.map(\.secondLook).min() ?? .never }

    func holds(slot: Int) -> Bool {
        groups.values.contains { $0.failures.contains { $0.slot == slot } }
    }

    /// Whether it was found out that this stranger belongs to no peer.
    func isForeign(_ subject: Subject) -> Bool {
        if case .stranger(let hash) = subject { foreigners.contains(hash) } else { false }
    }

    // MARK: What happens

    /// - Parameter peer: As it is known now; nil of a stranger.
    /// - Returns: What to ask; nil when more of the same wait already.
    mutating func hold(_ failure: HeldFailure, of subject: Subject, _ peer: Peer?) -> Question? {
        if groups[subject] != nil {
            groups[subject]!.failures.append(failure)
            return nil
        }
        lastNumber += 1
        groups[subject] = Group(
            number: lastNumber, peer: peer, failures: [failure], secondLook: failure.endedAt + Self.patience)
        return Question(subject: subject, number: lastNumber)
    }

    /// What has to be asked a second time by now.
    mutating func questions(at now: Instant) -> [Question] {
        groups.filter { !$0.value.isAsked && $0.value.secondLook <= now }.keys.map { subject in
            lastNumber += 1
            groups[subject]!.number = lastNumber
            groups[subject]!.looks += 1
            groups[subject]!.isAsked = true
            return Question(subject: subject, number: lastNumber)
        }
    }

    /// The API has answered, or has not.
    ///
    /// - Parameter fate: The state in which the subject is now, if failures are expected in it.
    /// - Returns: Nil when it is not decided yet, or no longer open.
    mutating func answered(
        _ question: Question, isConfirmed: Bool, fate: (Subject, Peer?) -> PeerState?
    ) -> Decision? {
        let subject = question.subject
        guard let group = groups[subject], group.number == question.number else { return nil }
        let excluded = isConfirmed ? fate(subject, group.peer) : nil
        if isConfirmed, excluded == nil, group.looks == 1 {
            groups[subject]!.isAsked = false
            return nil
        }
        groups[subject] = nil
        if case .stranger(let hash) = subject, isConfirmed, excluded == nil,
            foreigners.count < HeldFailures.foreignerLimit
        {
            foreigners.insert(hash)
        }
        return Decision(failures: group.failures, excluded: excluded)
    }

    /// The topology has changed, or what peers say of themselves.
    ///
    /// - Returns: What is decided by that.
    mutating func reviewed(fate: (Subject, Peer?) -> PeerState?) -> [Decision] {
        foreigners.removeAll()
        return groups.compactMap { subject, group in
            guard let excluded = fate(subject, group.peer) else { return nil }
            groups[subject] = nil
            return Decision(failures: group.failures, excluded: excluded)
        }
    }

    // MARK: What is no longer held

    /// Takes out what failed before `start`, when a probe began that has succeeded since.
    ///
    /// - Parameter node: Of the peer that has answered; nil when only the target's own failures are refuted.
    mutating func take(slot: Int, of node: String?, before start: Instant) -> [HeldFailure] {
        take { subject, failure in
            // Another backend's answer says nothing of the stranger behind the same Service.
            if case .stranger = subject { return false }
            let isTheirs = failure.slot == slot || node.map { subject == .peer(node: $0) } ?? false
            return isTheirs && failure.endedAt <= start
        }
    }

    /// Takes out all of these slots.
    mutating func take(slots: Set<Int>) -> [HeldFailure] {
        take { slots.contains($1.slot) }
    }

    mutating func takeAll() -> [HeldFailure] {
        take { _, _ in true }
    }

    private mutating func take(_ isTaken: (Subject, HeldFailure) -> Bool) -> [HeldFailure] {
        var taken: [HeldFailure] = []
        for (subject, group) in groups {
            taken += group.failures.filter { isTaken(subject, $0) }
            let rest = group.failures.filter { !isTaken(subject, $0) }
            if rest.isEmpty { groups[subject] = nil } else { groups[subject]!.failures = rest }
        }
        return taken
    }
}
