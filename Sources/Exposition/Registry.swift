/// The metrics of this exporter: families, the series under them, and their values.
///
/// Lives on the one thread of the event loop: no locks. Recording a value is arithmetic in flat arrays, without a
/// string, a dictionary or an allocation; everything that costs is done once, when a series is born.
///
/// Times are nanoseconds of one monotonic clock, which the caller chooses.
package final class Registry {
    /// How long a series is kept after its last reference was released when nobody scrapes it, in nanoseconds.
    package let retention: Int64
    /// How many series a scrape has now, as Prometheus counts them: each bucket, sum and count is one.
    package internal(set) var seriesCount = 0

    var families: [Family] = []
    /// By slot, as `cells` is.
    var series: [Series] = []
    var cells: [Cell] = []
    /// The values of all series, at the offsets that the cells tell. Those of a free slot are 0.
    var values: [Double] = []
    /// The upper edges of all histogram families.
    var edges: [Double] = []

    /// The slots of the series without a reference that scrapes still show, the longest retired one first.
    var retired: [Int32] = []
    /// The slots of the series that are shown as 0 until the next scrape is over.
    var newborns: [Int32] = []
    /// Births and retirements so far.
    var events: UInt64 = 0

    package init(retention: Int64 = 600_000_000_000) {
        self.retention = retention
    }

    /// Registers a metric. A wrong or a taken name is a bug of ours, and traps.
    ///
    /// - Parameters:
    ///   - labels: the names of the labels, in the order in which they are rendered.
    ///   - buckets: the upper edges of a histogram, ascending, without `+Inf`.
    ///   - bornAtZero: whether the first scrape after the birth of a series shows 0, whatever its value. For counters
    ///     that may have counted before the first scrape sees them: `increase()` misses what a series begins with.
    package func family(
        _ name: String, help: String, type: MetricType, labels: [String] = [], buckets: [Double] = [],
        bornAtZero: Bool = false
    ) -> Family {
        if let fault = Family.fault(
            name: name, help: help, type: type, labels: labels, buckets: buckets, bornAtZero: bornAtZero)
        {
            preconditionFailure(fault)
        }
        precondition(!families.contains { $0.name == name }, "\(name) is registered twice")
        let family = Family(
            name: name, help: help, type: type, labels: labels, buckets: buckets, bornAtZero: bornAtZero,
            edges: edges.count..<edges.count + buckets.count)
        edges.append(contentsOf: buckets)
        families.append(family)
        return family
    }

    /// Adds a reference to the series with these label values, which is born at 0 unless it lives already.
    ///
    /// - Parameter labelValues: as many as the family has labels, in its order. An empty one is left out of the text.
    package func counter(_ family: Family, _ labelValues: [String] = []) -> Counter {
        Counter(id: acquire(family, labelValues, as: .counter))
    }

    /// The same as ``counter(_:_:)``, of a gauge.
    package func gauge(_ family: Family, _ labelValues: [String] = []) -> Gauge {
        Gauge(id: acquire(family, labelValues, as: .gauge))
    }

    /// The same as ``counter(_:_:)``, of a histogram.
    package func histogram(_ family: Family, _ labelValues: [String] = []) -> Histogram {
        Histogram(id: acquire(family, labelValues, as: .histogram))
    }

    /// The same as ``counter(_:_:)``, of a summary.
    package func summary(_ family: Family, _ labelValues: [String] = []) -> Summary {
        Summary(id: acquire(family, labelValues, as: .summary))
    }

    private func acquire(_ family: Family, _ labelValues: [String], as type: MetricType) -> SeriesID {
        precondition(family.type == type, "\(family.name) is a \(family.type), not a \(type)")
        precondition(
            labelValues.count == family.labels.count,
            "\(family.name) has \(family.labels.count) labels, not \(labelValues.count)")
        let text = LabelText.render(family.labels, labelValues)
        let place = place(of: text, in: family)
        let slot: Int32
        if place < family.order.count, series[Int(family.order[place])].text == text {
            slot = family.order[place]
            if series[Int(slot)].references == 0 { revive(slot) }
            series[Int(slot)].references += 1
        } else {
            slot = makeSeries(family, text)
            family.order.insert(slot, at: place)
        }
        return SeriesID(slot: slot, generation: cells[Int(slot)].generation)
    }

    /// The index in the family's order where the series with this text is, or would be.
    func place(of text: [UInt8], in family: Family) -> Int {
        var low = 0
        var high = family.order.count
        while low < high {
            let middle = (low + high) / 2
            if series[Int(family.order[middle])].text.lexicographicallyPrecedes(text) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private func makeSeries(_ family: Family, _ text: [UInt8]) -> Int32 {
        events += 1
        let newborn = Series(family: family, text: text, isNewborn: family.bornAtZero, birth: events)
        let slot: Int32
        if let free = family.free.popLast() {
            slot = free
            series[Int(slot)] = newborn
        } else {
            slot = Int32(series.count)
            series.append(newborn)
            cells.append(
                Cell(
                    generation: 0, offset: Int32(values.count), firstEdge: Int32(family.edges.lowerBound),
                    edgeCount: Int32(family.edges.count)))
            values.append(contentsOf: repeatElement(0, count: family.width))
        }
        if family.bornAtZero { newborns.append(slot) }
        seriesCount += family.linesPerSeries
        return slot
    }
}
