/// The hot path. A value that no working clock or counter gives (negative, infinite, not a number) is a bug of ours: it
/// traps in a debug build. In a release build it is left out: it would spoil a counter for as long as the series lives.
extension Registry {
    /// Adds to a counter. The amount is finite and not negative.
    package func increment(_ counter: Counter, by amount: Double = 1) {
        guard let cell = cell(of: counter.id), isAmount(amount) else { return }
        values[Int(cell.offset)] += amount
    }

    /// Sets a counter from a source that counts by itself, as the kernel counts the CPU seconds of a process.
    ///
    /// A total below the last one is left out: a counter never goes backwards while its series lives.
    package func set(_ counter: Counter, to total: Double) {
        guard let cell = cell(of: counter.id), isAmount(total) else { return }
        values[Int(cell.offset)] = max(values[Int(cell.offset)], total)
    }

    /// Sets a gauge. Any double is a good value.
    package func set(_ gauge: Gauge, to value: Double) {
        guard let cell = cell(of: gauge.id) else { return }
        values[Int(cell.offset)] = value
    }

    /// Takes a duration into a histogram: the bucket of the first edge that is not below it, and the sum.
    package func observe(_ histogram: Histogram, _ seconds: Double) {
        guard let cell = cell(of: histogram.id), isAmount(seconds) else { return }
        // From the smallest edge upwards: most durations are short, and there are few edges.
        var bucket = 0
        while bucket < Int(cell.edgeCount), edges[Int(cell.firstEdge) + bucket] < seconds { bucket += 1 }
        values[Int(cell.offset) + bucket] += 1
        values[Int(cell.offset) + Int(cell.edgeCount) + 1] += seconds
    }

    /// Takes a duration into a summary: its sum and its count.
    package func observe(_ summary: Summary, _ seconds: Double) {
        guard let cell = cell(of: summary.id), isAmount(seconds) else { return }
        values[Int(cell.offset)] += seconds
        values[Int(cell.offset) + 1] += 1
    }

    /// The cell that a handle refers to, or nil when the handle is stale.
    func cell(of id: SeriesID) -> Cell? {
        let cell = cells[Int(id.slot)]
        guard cell.generation == id.generation else {
            assertionFailure("a series is used after its last reference was released")
            return nil
        }
        return cell
    }

    private func isAmount(_ amount: Double) -> Bool {
        let isAmount = amount >= 0 && amount < .infinity
        assert(isAmount, "\(amount) is no amount")
        return isAmount
    }
}
