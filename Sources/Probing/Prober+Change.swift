package import Mesh
internal import Reactor

extension Prober {
    /// Has a target probed from now on as the settings say that are registered now: another interval or timeout, another
    /// question or request, another trust. Where all of that is as before, nothing changes.
    ///
    /// The slot stays what it is: a probe that is under way ends as it began, and is told as one of this slot.
    ///
    /// - Parameter target: The slot's own.
    package func change(_ number: Int, _ target: Target, interval: Duration, timeout: Duration) {
        let old = slots[number]
        slots[number].interval = interval
        slots[number].timeout = timeout
        if interval != old.interval {
            schedule.change(number, to: interval, at: .now())
            alarm.deadline = schedule.nextDue
        }
        if isCurrent(old, target, interval: interval, timeout: timeout) { return }
        if case .udp(let aim) = old.aim { udp.remove(aim) }
        slots[number].aim = aim(at: target, number, interval: interval, timeout: timeout)
        slots[number].certificatesDue = target.probe == .https ? .now() : .never
    }

    /// Whether the slot's aim would be made again as it is.
    private func isCurrent(_ slot: Slot, _ target: Target, interval: Duration, timeout: Duration) -> Bool {
        switch slot.aim {
        case .http(let aim): target.probe == .http || aim.pool == http.aim(at: target)?.pool
        case .request(let aim): aim.settings == requests.settings[target.name]
        case .dns(let aim): aim.question == dns.questions[target.name]
        // A flow has room for as many probes at once as these two say.
        case .udp: (interval, timeout) == (slot.interval, slot.timeout)
        case .tcp, .icmp: true
        case .malformed, .nothing: false
        }
    }
}
