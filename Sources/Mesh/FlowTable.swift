/// What has arrived of the flows of others. The responder writes it, and the prober reports from it.
///
/// Bounded: what has been silent for longest goes first. Whoever can send datagrams here can fill it, which takes away
/// no more than the difference between a lost request and a lost reply.
package final class FlowTable {
    private struct Entry {
        var flow: UInt64
        var window = SequenceWindow()
        /// Under which it is the latest of its node, if it is.
        var source: Source?
        /// The neighbours in the order of arrival, -1 at its ends.
        var newer: Int32 = -1
        var older: Int32 = -1
    }

    private struct Source: Hashable {
        /// `stableHash` of the node's name.
        let node: UInt64
        let family: IPFamily
    }

    private let capacity: Int
    private var entries: [Entry] = []
    private var places: [UInt64: Int32] = [:]
    /// The flow that each node has last sent something of.
    private var latest: [Source: Int32] = [:]
    private var newest: Int32 = -1
    private var oldest: Int32 = -1

    package init(capacity: Int = 8192) {
        precondition(capacity > 0, "a table has room for one flow")
        self.capacity = capacity
    }

    package var count: Int { entries.count }

    /// Notes that a request has arrived.
    ///
    /// - Parameter node: `stableHash` of its sender's name; nil: of another mesh, to which nothing is reported.
    /// - Returns: What has arrived of its flow.
    package func received(_ sequence: UInt32, of flow: UInt64, node: UInt64?, family: IPFamily) -> SequenceWindow {
        let place = places[flow] ?? makeEntry(flow)
        moveToFront(place)
        entries[Int(place)].window.insert(sequence)
        if let node {
            let source = Source(node: node, family: family)
            let previous = latest[source]
            if previous != place {
                if let previous { entries[Int(previous)].source = nil }
                // The name that it came under before, if a sender takes another one.
                forgetSource(of: place)
                latest[source] = place
                entries[Int(place)].source = source
            }
        }
        return entries[Int(place)].window
    }

    /// What there is to report to a node: of its latest flow.
    package func report(to node: UInt64, _ family: IPFamily) -> Beat.Report {
        guard let place = latest[Source(node: node, family: family)] else { return Beat.Report() }
        return Beat.Report(flow: entries[Int(place)].flow, window: entries[Int(place)].window)
    }

    private func makeEntry(_ flow: UInt64) -> Int32 {
        var place = Int32(entries.count)
        if entries.count < capacity {
            entries.append(Entry(flow: flow))
        } else {
            place = oldest
            unlink(place)
            forgetSource(of: place)
            places[entries[Int(place)].flow] = nil
            entries[Int(place)] = Entry(flow: flow)
        }
        places[flow] = place
        link(place)
        return place
    }

    private func forgetSource(of place: Int32) {
        if let source = entries[Int(place)].source { latest[source] = nil }
        entries[Int(place)].source = nil
    }

    private func moveToFront(_ place: Int32) {
        if newest == place { return }
        unlink(place)
        link(place)
    }

    private func link(_ place: Int32) {
        entries[Int(place)].newer = -1
        entries[Int(place)].older = newest
        if newest >= 0 { entries[Int(newest)].newer = place } else { oldest = place }
        newest = place
    }

    private func unlink(_ place: Int32) {
        let (newer, older) = (entries[Int(place)].newer, entries[Int(place)].older)
        if newer >= 0 { entries[Int(newer)].older = older } else { newest = older }
        if older >= 0 { entries[Int(older)].newer = newer } else { oldest = newer }
    }
}
