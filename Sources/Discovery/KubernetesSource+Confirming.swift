internal import Reactor

extension KubernetesSource {
    /// Reads the peers' EndpointSlices again, because a peer that was well fails: at most once a second, coalesced, and at
    /// most thirty times a minute.
    ///
    /// - Parameter done: Called on the loop, once, and not from within this call: true when the API answered a look that
    ///   began after this call (all that it changed has been told to the observer by then), false when it did not within
    ///   two seconds, when the answer was not believed, while discovery is failing, or when there were too many.
    package func confirm(_ done: @escaping (Bool) -> Void) {
        let isStarted = lastLook != nil || alarm.deadline != .never
        confirmations.add(done, at: .now(), isPossible: isStarted && backoff.failures == 0)
        lookForConfirmations()
        awaitConfirmations()
    }

    /// Brings the next look forward if somebody waits for it; while one is under way that is for its end to do.
    func lookForConfirmations() {
        guard confirmations.wantsLook, alarm.deadline != .never, let lastLook else { return }
        alarm.deadline = min(alarm.deadline, max(.now(), lastLook + settings.confirmPause))
    }

    func answer(_ waiting: [(Bool) -> Void], _ isConfirmed: Bool) {
        awaitConfirmations()
        for done in waiting { done(isConfirmed) }
    }

    /// The look goes on; who waited too long for it does not.
    func giveUpConfirmations() {
        answer(confirmations.takeOverdue(at: loop.now), false)
    }

    private func awaitConfirmations() {
        confirmationAlarm.deadline = confirmations.deadline
    }
}
