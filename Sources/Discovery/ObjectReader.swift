internal import Documents

/// Reads objects of one kind by their names: all that are missing, and if there is leave the one that was read the
/// longest ago.
final class ObjectReader<Value: Equatable> {
    /// What is read, and how.
    struct Subject {
        let resource: DiscoveryResource
        /// `Node`
        let kind: String
        /// The object's name, by its node.
        let name: (_ node: String, PodReference) -> String
        /// From the root, without the name.
        let path: String
        /// What a document holds, and what in it can't be used.
        let decode: (_ document: [UInt8]) throws(JSONError) -> (Value, String?)
        /// What an object that does not exist holds.
        let absent: Value
    }

    private let subject: Subject
    private let client: APIClient
    var objects = ObjectRotation<Value>()
    /// Of the reading that is under way.
    private var asked: Set<String> = []
    private var understood = 0
    private var bad: [(node: String, pod: PodReference, complaint: String)] = []
    private var done: (DiscoveryFailure?) -> Void = { _ in }

    init(_ subject: Subject, client: APIClient) {
        self.subject = subject
        self.client = client
    }

    /// - Parameters:
    ///   - mayRefresh: Whether one object that is known may be read again.
    ///   - done: Called once, with why it failed: from within this call when there is nothing to ask, as all that is wanted
    ///     is known; not at all after the client's `cancel`.
    func read(mayRefresh: Bool, done: @escaping (DiscoveryFailure?) -> Void) {
        self.done = done
        asked = []
        understood = 0
        bad = []
        readNext(mayRefresh: mayRefresh)
    }

    private func readNext(mayRefresh: Bool) {
        let missing = objects.missing.first { !asked.contains($0) }
        let oldest = mayRefresh ? objects.byAge.first { !asked.contains($0) } : nil
        guard let node = missing ?? oldest, let pod = objects.wanted[node] else { return conclude() }
        asked.insert(node)
        let name = subject.name(node, pod)
        client.get("\(subject.path)/\(name)", of: subject.resource) { [unowned self] result in
            do throws(DiscoveryFailure) {
                try take(result.get(), named: name, for: node, pod)
            } catch {
                for other in bad { objects.failed(other.node) }
                objects.failed(node)
                return done(error)
            }
            readNext(mayRefresh: mayRefresh && missing != nil)
        }
    }

    private func take(
        _ answer: Fetch.Answer, named name: String, for node: String, _ pod: PodReference
    ) throws(DiscoveryFailure) {
        if answer.status == 404 {
            understood += 1
            return objects.received(subject.absent, complaint: nil, for: node, pod)
        }
        let body = try answer.good("\(subject.kind) \(name)")
        do {
            let (value, complaint) = try subject.decode(body)
            understood += 1
            objects.received(value, complaint: complaint.map { "\(subject.kind) \(name): \($0)" }, for: node, pod)
        } catch {
            bad.append((node, pod, "\(subject.kind) \(name): \(error)"))
        }
    }

    /// One document that is no such object is that object's; when all are, it is not the API server that answers.
    private func conclude() {
        if understood == 0, let first = bad.first {
            for other in bad { objects.failed(other.node) }
            return done(DiscoveryFailure(.invalid, first.complaint))
        }
        for other in bad { objects.received(nil, complaint: other.complaint, for: other.node, other.pod) }
        done(nil)
    }
}
