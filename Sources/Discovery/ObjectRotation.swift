/// Objects that are read by their names, one after the other, each for a node: what is not known yet at once, what is
/// known now and then. Pure.
struct ObjectRotation<Value: Equatable> {
    private struct Entry {
        /// The pod for which it was asked for last, with an answer; nil before the first one.
        var readFor: PodReference?
        /// The last one that could be used, and the pod for which that was read.
        var value: (object: Value, pod: PodReference)?
        /// What can't be used in the last answer; nil when all can.
        var complaint: String?
        /// Counts the attempts of all: the smaller, the longer ago.
        var attempt = 0
    }

    /// By nodes.
    private var entries: [String: Entry] = [:]
    private(set) var wanted: [String: PodReference] = [:]
    private var attempts = 0

    /// - Parameter nodes: Those whose objects are wanted, with their pods: an object is read anew when the pod is another
    ///   one. What is known of other nodes is forgotten.
    mutating func want(_ nodes: [String: PodReference]) {
        wanted = nodes
        entries = entries.filter { nodes.keys.contains($0.key) }
        for node in nodes.keys where entries[node] == nil { entries[node] = Entry() }
    }

    /// The nodes whose objects are not known, those first whose last attempt is the longest ago: one that fails again
    /// and again does not hold up the others.
    var missing: [String] { inOrder { $0.value.readFor != wanted[$0.key] } }

    /// All nodes, that one first whose object was read the longest ago.
    var byAge: [String] { inOrder { _ in true } }

    /// The node's object as it was last seen.
    subscript(node: String) -> Value? { entries[node]?.value?.object }

    /// The same, unless it was read for another pod than the one that is wanted now.
    func current(_ node: String) -> Value? {
        guard let value = entries[node]?.value, value.pod == wanted[node] else { return nil }
        return value.object
    }

    /// What can't be used of the objects that came last.
    var invalid: [String] {
        entries.sorted { $0.key < $1.key }.compactMap(\.value.complaint)
    }

    /// - Parameters:
    ///   - value: Nil when what came is no such object; the last one stays then.
    ///   - pod: The one that was wanted when the object was asked for.
    mutating func received(_ value: Value?, complaint: String?, for node: String, _ pod: PodReference) {
        failed(node)
        entries[node]?.readFor = pod
        if let value { entries[node]?.value = (value, pod) }
        entries[node]?.complaint = complaint
    }

    mutating func failed(_ node: String) {
        attempts += 1
        entries[node]?.attempt = attempts
    }

    private func inOrder(_ isMeant: ((key: String, value: Entry)) -> Bool) -> [String] {
        entries.filter(isMeant).sorted { ($0.value.attempt, $0.key) < ($1.value.attempt, $1.key) }.map(\.key)
    }
}
