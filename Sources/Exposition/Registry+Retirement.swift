/// How series leave: the last reference is released, the series is retired, scrapes still show it, it is removed.
///
/// Removed at once, the last increments of a peer would be lost to everybody who had not scraped since: `increase()`
/// sees only what was scraped. Two scrapes, because there may be two Prometheus servers. A page counts when it has been
/// given out to the end: who got none, or half of it, has seen nothing.
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
        events += 1
        series[Int(slot)].retirement = events
        series[Int(slot)].retiredAt = now
        series[Int(slot)].scrapesSinceRetired = 0
        retired.append(slot)
    }

    /// Takes a series back from the retired. The handles of its former life stay void.
    func revive(_ slot: Int32) {
        retired.removeAll { $0 == slot }
    }

    /// A page that was rendered, in whichever format.
    package struct Page {
        /// The registry's count of events then.
        fileprivate let events: UInt64
    }

    /// What is done before each page is rendered.
    func beginPage(at now: Int64) -> Page {
        removeExpired(at: now)
        return Page(events: events)
    }

    /// A page has come to whoever asked for it: that was a scrape. It ends the births that the page has shown, and brings
    /// the series that were retired by then nearer to their removal.
    package func scraped(_ page: Page) {
        newborns.removeAll { slot in
            if series[Int(slot)].birth > page.events { return false }
            series[Int(slot)].isNewborn = false
            return true
        }
        retired.removeAll { slot in
            if series[Int(slot)].retirement > page.events { return false }
            series[Int(slot)].scrapesSinceRetired += 1
            guard series[Int(slot)].scrapesSinceRetired >= 2 else { return false }
            remove(slot)
            return true
        }
    }

    /// Removes what was retired a retention ago. Whoever keeps house calls it, too, for the time when nobody scrapes.
    ///
    /// In the order of retirement, so only the first ones need a look.
    package func removeExpired(at now: Int64) {
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
        // Nobody has ever seen it.
        if series[Int(slot)].isNewborn { newborns.removeAll { $0 == slot } }
        seriesCount -= family.linesPerSeries
    }
}
