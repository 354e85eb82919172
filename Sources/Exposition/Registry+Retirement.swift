/// How series leave: the last reference is released, the series is retired, scrapes still show it, it is removed.
///
/// Removed at once, the last increments of a peer would be lost to everybody who had not scraped since: `increase()`
/// sees only what was scraped. Two scrapes, because there may be two Prometheus servers.
extension Registry {
    /// Gives a reference back. After the last one the series is removed when two scrapes have shown it, or when the
    /// retention is over. Acquired again before that, it lives on with its value.
    package func release(_ handle: some SeriesHandle, at now: Int64) {
        guard cell(of: handle.id) != nil else { return }
        // Without scrapes only this stands between peers that come and go and an endless heap of series.
        removeExpired(at: now)
        let slot = handle.id.slot
        series[Int(slot)].references -= 1
        guard series[Int(slot)].references == 0 else { return }
        cells[Int(slot)].generation &+= 1
        series[Int(slot)].retiredAt = now
        series[Int(slot)].scrapesSinceRetired = 0
        retired.append(slot)
    }

    /// Takes a series back from the retired. The handles of its former life stay void.
    func revive(_ slot: Int32) {
        retired.removeAll { $0 == slot }
    }

    /// What a scrape does before it renders.
    func beginScrape(at now: Int64) {
        removeExpired(at: now)
    }

    /// What a scrape does after it has rendered every series, in whichever format.
    func endScrape() {
        for slot in newborns { series[Int(slot)].isNewborn = false }
        newborns.removeAll()
        retired.removeAll { slot in
            series[Int(slot)].scrapesSinceRetired += 1
            guard series[Int(slot)].scrapesSinceRetired >= 2 else { return false }
            remove(slot)
            return true
        }
    }

    /// Removes what was retired a retention ago. In the order of retirement, so only the first ones need a look.
    private func removeExpired(at now: Int64) {
        let kept = retired.firstIndex { now - series[Int($0)].retiredAt < retention } ?? retired.endIndex
        for slot in retired[..<kept] { remove(slot) }
        retired.removeSubrange(..<kept)
    }

    /// Frees the slot of a series. The caller takes it off the retired.
    private func remove(_ slot: Int32) {
        let family = series[Int(slot)].family
        let offset = Int(cells[Int(slot)].offset)
        for index in offset..<offset + family.width { values[index] = 0 }
        family.order.remove(at: place(of: series[Int(slot)].text, in: family))
        family.free.append(slot)
        series[Int(slot)].text = []
        seriesCount -= family.linesPerSeries
    }
}
