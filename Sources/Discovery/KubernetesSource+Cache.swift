internal import Mesh
internal import Reactor

extension KubernetesSource {
    /// Makes what an earlier run has left the topology, if there is something: the API has not told another one yet.
    ///
    /// Nothing of it is believed over an answer. Until then what leads to the peers stays as it was, too.
    func restore() {
        restoreAlarm.cancel()
        guard let document = cache?.read() else { return }
        told = document.topology
        surroundings.restore(document.topology)
        observer.discoveryRestored(age: max(.zero, .seconds(wallClockSeconds() - Double(document.time))))
        observer.discovered(document.topology)
    }
}
