internal import Mesh
internal import Reactor

/// The probes of one target over UDP: which are under way, what a reply is an answer to, and where the lost ones got
/// lost. Pure.
struct UDPFlow {
    enum Reply: Equatable {
        /// To the probe of this number, which is under way.
        case answer(Int)
        /// To one that has been answered.
        case duplicate
        /// To one that has ended without it.
        case late
        /// To none of this flow's.
        case foreign
    }

    /// Probes of which it is known on which way they got lost.
    struct Losses: Equatable {
        var requests = 0
        var replies = 0

        var isEmpty: Bool { requests == 0 && replies == 0 }
    }

    private enum State: UInt8 {
        /// Nobody knows of it any more, or nobody has to.
        case over
        case underWay
        case answered
        /// Timed out, and not yet known where it got lost.
        case lost
    }

    private struct Entry {
        var sequence: UInt32 = 0
        var state = State.over
        var number: Int32 = 0
        var nonce: UInt64 = 0
        /// When it timed out.
        var ended = Instant.never
    }

    let id: UInt64
    /// Of the latest probe; 0: there was none. At ten a second it lasts for 13 years.
    private(set) var sequence: UInt32 = 0
    /// Those of the last sequence numbers, each in the place of its remainder.
    private var entries: [Entry] = []
    private let capacity: Int
    private var lostCount = 0
    /// By carrier, the latest that has not been settled.
    private var reports: [(window: SequenceWindow, arrival: Instant)?] = [nil, nil]

    /// - Parameter overlap: How many may be under way at once.
    init(id: UInt64, overlap: Int) {
        self.id = id
        // As many as a report tells of, beside those that nobody can have reported on.
        capacity = Int(SequenceWindow.width) + overlap
    }

    /// Begins a probe.
    ///
    /// - Parameter number: The caller's own.
    /// - Returns: Its sequence number.
    mutating func begin(_ number: Int, nonce: UInt64) -> UInt32 {
        sequence += 1
        let place = Int(sequence) % capacity
        while entries.count <= place { entries.append(Entry()) }
        if entries[place].state == .lost { lostCount -= 1 }
        entries[place] = Entry(sequence: sequence, state: .underWay, number: Int32(number), nonce: nonce)
        return sequence
    }

    /// The number of the probe that is under way with this sequence number and nonce; nil when none is.
    ///
    /// - Parameter nonce: Nil: not known.
    func underWay(_ sequence: UInt32, nonce: UInt64?) -> Int? {
        guard let place = place(of: sequence), entries[place].state == .underWay else { return nil }
        if let nonce, nonce != entries[place].nonce { return nil }
        return Int(entries[place].number)
    }

    /// A reply has come. After an answer the probe is no longer under way.
    mutating func replied(_ sequence: UInt32, nonce: UInt64) -> Reply {
        guard let place = place(of: sequence), entries[place].nonce == nonce else { return .foreign }
        switch entries[place].state {
        case .underWay:
            entries[place].state = .answered
            return .answer(Int(entries[place].number))
        case .answered:
            return .duplicate
        case .lost:
            // Neither way has lost it.
            lostCount -= 1
            entries[place].state = .over
            return .late
        case .over:
            return .late
        }
    }

    /// A probe that is under way has got no reply in time.
    mutating func timedOut(_ sequence: UInt32, at now: Instant) {
        guard let place = place(of: sequence), entries[place].state == .underWay else { return }
        entries[place].state = .lost
        entries[place].ended = now
        lostCount += 1
    }

    /// A probe that is under way has failed in another way.
    mutating func failed(_ sequence: UInt32) {
        guard let place = place(of: sequence), entries[place].state == .underWay else { return }
        entries[place].state = .over
    }

    /// Where a report stands.
    enum Carrier: Int {
        /// In the reply to one of these probes. Those after it may have been waiting at the other node when it was written,
        /// behind it.
        case reply
        /// In a request of the other node, which takes what waits there before it sends one: what has not arrived then,
        /// long after its own time-out, has not at all.
        case request
    }

    /// Takes what the other side says has arrived of this flow. It counts when it is settled.
    ///
    /// - Parameter arrival: When it came.
    mutating func received(_ window: SequenceWindow, in carrier: Carrier, at arrival: Instant) {
        // Replies come by several sockets, which are not read in their order.
        if let report = reports[carrier.rawValue], report.window.highest > window.highest { return }
        reports[carrier.rawValue] = (window, arrival)
    }

    /// Finds out where lost probes got lost, from what has been reported since the last time. To be called a good while
    /// after the reports came, when the next probe begins: a reply that is on its way, or waits in another socket while
    /// the report in a later one is read, is late and not lost.
    ///
    /// - Returns: The probes of which it is known now, and was not before.
    mutating func settle() -> Losses {
        var losses = Losses()
        for carrier in [Carrier.reply, .request] {
            guard let (window, arrival) = reports[carrier.rawValue] else { continue }
            reports[carrier.rawValue] = nil
            // Of a probe that timed out later than the report it says nothing: it may have arrived since.
            if lostCount == 0 { continue }
            for place in entries.indices where entries[place].state == .lost && entries[place].ended <= arrival {
                if carrier == .reply, entries[place].sequence > window.highest { continue }
                switch window.contains(entries[place].sequence) {
                case true?: losses.replies += 1
                case false?: losses.requests += 1
                // The windows that are still to come go even less far back.
                case nil: break
                }
                lostCount -= 1
                entries[place].state = .over
            }
        }
        return losses
    }

    private func place(of sequence: UInt32) -> Int? {
        let place = Int(sequence) % capacity
        return place < entries.count && entries[place].sequence == sequence && sequence > 0 ? place : nil
    }
}
