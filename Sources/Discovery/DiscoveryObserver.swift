package import Mesh

/// What a source of topologies tells. Called on the loop.
package protocol DiscoveryObserver: AnyObject {
    /// The mesh is not what it was (also for the first time).
    func discovered(_ topology: Topology)
    /// A whole answer came and was understood.
    ///
    /// - Parameter invalid: What in it can't be used, one text for each; the rest is in the topology.
    func discoverySucceeded(_ resource: DiscoveryResource, invalid: [String])
    /// What was known of the resource stays.
    func discoveryFailed(_ resource: DiscoveryResource, _ failure: DiscoveryFailure)
    /// The API does not answer at the start: the topology that follows is what an earlier run has left.
    ///
    /// - Parameter age: Since it was written, which is when it last changed.
    func discoveryRestored(age: Duration)
    /// The topology can't be kept on disk, or what is kept there can't be used.
    func discoveryCacheFailed(_ problem: String)
    /// Bytes that came over the wire.
    func discoveryReceived(_ resource: DiscoveryResource, bytes: Int)
}

/// What is read to find the mesh; the label `resource`.
package enum DiscoveryResource: String, CaseIterable, Sendable {
    case endpointslices, services, ingresses, nodes, pods
    /// The names of hosts that have to be resolved.
    case names
    /// The names in configured targets.
    case probeNames = "probe_names"
    /// A static mesh document.
    case file
}
