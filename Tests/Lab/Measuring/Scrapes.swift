import Support

/// What the exporters have counted up to a moment, or between two of them, by their nodes' letters.
struct Scrapes: Sendable, CustomStringConvertible {
    private let start: [String: Scrape]
    private let end: [String: Scrape]

    init(_ scrapes: [String: Scrape]) {
        self.init(from: [:], to: scrapes)
    }

    private init(from start: [String: Scrape], to end: [String: Scrape]) {
        self.start = start
        self.end = end
    }

    func since(_ start: Scrapes) -> Scrapes { Scrapes(from: start.end, to: end) }

    var letters: [String] { end.keys.sorted() }

    /// By path: of connections and small payloads alone.
    var counts: Counts { Counts(Array(end.values)).since(Counts(Array(start.values))) }

    /// The sum of an exporter's samples of that name with at least these labels.
    func sum(_ letter: String, _ name: String, _ labels: [String: String] = [:]) -> Int {
        Int(amount(letter, name, labels))
    }

    private func amount(_ letter: String, _ name: String, _ labels: [String: String]) -> Double {
        (end[letter]?.sum(name, labels) ?? 0) - (start[letter]?.sum(name, labels) ?? 0)
    }

    /// Of probes with these labels that succeeded, in seconds.
    func meanLatency(_ letter: String, _ labels: [String: String]) -> Double {
        let name = "heartmesh_probe_duration_seconds"
        return amount(letter, "\(name)_sum", labels) / amount(letter, "\(name)_count", labels)
    }

    /// Of several exporters.
    func sum(_ letters: [String], _ name: String, _ labels: [String: String] = [:]) -> Int {
        letters.map { sum($0, name, labels) }.reduce(0, +)
    }

    // MARK: Of UDP probes

    /// Of pods' own addresses.
    func udpProbes(_ letter: String) -> Int {
        sum(letter, "heartmesh_probes_total", ["channel": "pod", "protocol": "udp"])
    }

    func udpFailures(_ letter: String) -> Int { sum(letter, "heartmesh_probe_failures_total", ["protocol": "udp"]) }

    func lostRequests(_ letter: String) -> Int { sum(letter, "heartmesh_udp_request_lost_total") }

    func lostReplies(_ letter: String) -> Int { sum(letter, "heartmesh_udp_reply_lost_total") }

    func unexpected(_ letter: String, _ kind: String) -> Int {
        sum(letter, "heartmesh_udp_unexpected_replies_total", ["kind": kind])
    }

    var description: String {
        letters.map { letter in
            """
            \(letter): UDP \(udpProbes(letter)), failed \(udpFailures(letter)), lost requests \(lostRequests(letter)), \
            replies \(lostReplies(letter)), late \(unexpected(letter, "late")), twice \(unexpected(letter, "duplicate")); \
            TCP sent again \(sum(letter, "heartmesh_tcp_retransmits_total"))
            """
        }.joined(separator: "; ")
    }
}

extension Cluster {
    /// - Parameter letters: Of those that answer.
    func scrapes(of letters: [String] = Node.all.map(\.letter)) async throws -> Scrapes {
        try await withThrowingTaskGroup(of: (String, Scrape).self) { group in
            for letter in letters { group.addTask { (letter, try await self[letter].scrape()) } }
            return Scrapes(try await group.reduce(into: [:]) { $0[$1.0] = $1.1 })
        }
    }

    /// How many bytes each exporter's log has, by the letter of its node.
    var logs: [String: Int] {
        exporters.reduce(into: [:]) { $0[$1.node.letter] = $1.log.utf8.count }
    }
}
