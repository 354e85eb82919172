internal import Glibc
internal import Mesh
internal import Probing
internal import Reactor
internal import Serving

/// The end: first a goodbye, so that no peer takes it for a failure.
extension Exporter {
    /// SIGTERM says that there is time for a goodbye. At a terminal, or when it is said again, a person waits.
    func end(by signal: Int32) {
        let drain = configuration.shutdown.drain
        let isGoodbye = signal == SIGTERM && !isDraining && drain > .zero
        log.info(
            "stopping", ("signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"),
            ("drain", isGoodbye ? "\(drain.seconds)s" : "none"))
        if !isGoodbye { return loop.stop() }
        isDraining = true
        responder.identity.state = PeerState.draining.label
        prober.say(.draining)
        ending.deadline = loop.now + drain
    }

    /// Closes in order: no more probes, then no more answers. Who has asked already is answered.
    func close() {
        prober.stop()
        countHeld()
        let end = Instant.now() + .milliseconds(100)
        while .now() < end { loop.turn(until: end) }
        responder.stop()
        web.stop()
    }
}
