/// Where a series is, and which life of that place is meant.
///
/// A slot is used again after its series was removed. The generation goes up when the last reference is released,
/// so a handle that outlived its series is known for what it is, and never touches the next tenant's value.
package struct SeriesID: Equatable {
    let slot: Int32
    let generation: UInt32
}

/// A reference to one series: eight bytes, nothing to retain. Given back with ``Registry/release(_:at:)``.
///
/// Whoever starts a probe keeps the reference until its outcome is recorded. Using a handle after its last reference
/// was released is a bug of ours: it traps in a debug build, and does nothing in a release build.
package protocol SeriesHandle: Equatable {
    var id: SeriesID { get }
}

package struct Counter: SeriesHandle {
    package let id: SeriesID
}

package struct Gauge: SeriesHandle {
    package let id: SeriesID
}

package struct Histogram: SeriesHandle {
    package let id: SeriesID
}

package struct Summary: SeriesHandle {
    package let id: SeriesID
}

/// What the hot path needs to know about a slot: 16 bytes in one flat array.
struct Cell {
    /// The generation of the handles that are good.
    var generation: UInt32
    /// The first of the series' values in the registry's flat array.
    let offset: Int32
    /// The first of its upper edges in the registry's flat array of edges, and how many there are. Histograms only.
    let firstEdge: Int32
    let edgeCount: Int32
}

/// What is known about a slot away from the hot path.
struct Series {
    let family: Family
    /// ``LabelText``, rendered once. Empty for a series without labels.
    var text: [UInt8]
    /// How many handles were given out and not released. At zero the series is retired, or its slot is free.
    var references = 1
    /// Shown as 0 until the scrape that shows it for the first time is over.
    var isNewborn: Bool
    /// The registry's count of events when it was born and when it retired, to tell what a page has shown.
    var birth: UInt64
    var retirement: UInt64 = 0
    /// When the last reference was released, on the clock of the caller.
    var retiredAt: Int64 = 0
    /// The scrapes that have shown the series since then.
    var scrapesSinceRetired = 0
}
