/// What has arrived of the flows of others. The responder writes it, and the prober reports from it.
///
/// Bounded: what has been silent for longest goes first. Whoever can send datagrams here can fill it, which takes away
/// no more than the difference between a lost request and a lost reply.
package final class FlowTable {
    private struct Entry {
        var flow: UInt64
        var window = SequenceWindow()
        /// Under which it is the latest of its node, if it is: of a family, and of an address.
        var familySource: Source?
        var addressSource: Source?
        /// The neighbours in the order of arrival, -1 at its ends.
        var newer: Int32 = -1
        var older: Int32 = -1
    }

    /// A node by `stableHash` of its name.
    private enum Source: Hashable {
        case family(node: UInt64, IPFamily)
        case address(node: UInt64, UInt64)
    }

    private let capacity: Int
    private var entries: [Entry] = []
    private var places: [UInt64: Int32] = [:]
    /// The flow that each source has last sent something of.
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
    /// - Parameters:
    ///   - node: `stableHash` of its sender's name; nil: of another mesh, to which nothing is reported.
    ///   - address: `stableHash` of the address that it came from.
    /// - Returns: What has arrived of its flow.
    package func received(
        _ sequence: UInt32, of flow: UInt64, node: UInt64?, family: IPFamily, address: UInt64
    ) -> SequenceWindow {
        let place = places[flow] ?? makeEntry(flow)
        moveToFront(place)
        entries[Int(place)].window.insert(sequence)
        if let node {
            setLatest(place, \.familySource, .family(node: node, family))
            setLatest(place, \.addressSource, .address(node: node, address))
        }
        return entries[Int(place)].window
    }

    private func setLatest(_ place: Int32, _ kind: WritableKeyPath<Entry, Source?>, _ source: Source) {
        let previous = latest[source]
        if previous == place { return }
        if let previous { entries[Int(previous)][keyPath: kind] = nil }
        // The name that it came under before, if a sender takes another one.
        forget(place, kind)
        latest[source] = place
        entries[Int(place)][keyPath: kind] = source
    }

    /// What there is to report to a node: of its latest flow from the address that is asked now. A node that has several, in
    /// secondary networks, has a flow from each, and one may go on arriving while another does not. Where none came from
    /// there, because addresses are translated on the way, of its latest flow over this family.
    package func report(to node: UInt64, _ family: IPFamily, address: UInt64) -> Beat.Report {
        guard let place = latest[.address(node: node, address)] ?? latest[.family(node: node, family)] else {
            return Beat.Report()
        }
        return Beat.Report(flow: entries[Int(place)].flow, window: entries[Int(place)].window)
    }

    private func makeEntry(_ flow: UInt64) -> Int32 {
        var place = Int32(entries.count)
        if entries.count < capacity {
            entries.append(Entry(flow: flow))
        } else {
            place = oldest
            unlink(place)
            forget(place, \.familySource)
            forget(place, \.addressSource)
            places[entries[Int(place)].flow] = nil
            entries[Int(place)] = Entry(flow: flow)
        }
        places[flow] = place
        link(place)
        return place
    }

    private func forget(_ place: Int32, _ kind: WritableKeyPath<Entry, Source?>) {
        if let source = entries[Int(place)][keyPath: kind] { latest[source] = nil }
        entries[Int(place)][keyPath: kind] = nil
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
