internal import Mesh
package import Reactor

/// Keeps the last good topology on disk, so that an exporter which restarts while the API server is away still knows its
/// peers.
package final class TopologyCache {
    private let loop: EventLoop
    private let file: String
    private let origin: TopologyDocument.Origin
    private let replacement: FileReplacement
    /// Between two writes.
    private let pause: Duration
    private var alarm: Alarm!
    /// What stands in the file, as far as this run has written it.
    private var kept: Content?
    /// What is to stand there.
    private var wanted: Content?
    /// What is being written, as far as its text is ready.
    private var writing: (content: Content, text: TopologyText)?
    private var lastWrite: Instant?
    /// Told what goes wrong.
    var onFailure: (String) -> Void = { _ in }

    private struct Content: Equatable {
        let peers: [Peer]
        let services: [Service]

        /// A peer that is ending is left out: by the next start it is gone.
        init(_ topology: Topology) {
            peers = topology.peers.filter { $0.state == .active || $0.state == .notReady }
            services = topology.services
        }
    }

    /// In one turn of the loop it is twice as many at most: less than a millisecond's work.
    static let piece = 50

    /// - Parameters:
    ///   - folder: It is there, and a file can be made in it.
    ///   - node: The exporter's own.
    /// - Throws: When the folder can't be written to: at the start a person is there to see it.
    package convenience init(
        folder: String, mesh: String, namespace: String, service: String, node: String, on loop: EventLoop
    ) throws(SystemError) {
        let origin = TopologyDocument.Origin(mesh: mesh, namespace: namespace, service: service, node: node)
        try self.init(folder: folder, origin, pause: .seconds(60), on: loop)
    }

    init(folder: String, _ origin: TopologyDocument.Origin, pause: Duration, on loop: EventLoop) throws(SystemError) {
        file = "\(folder)/topology.json"
        self.origin = origin
        self.pause = pause
        self.loop = loop
        replacement = try FileReplacement(file, on: loop)
        alarm = loop.alarm { [unowned self] in write() }
    }

    deinit {
        loop.remove(alarm)
    }

    // MARK: Writing

    /// Writes the topology soon, unless it is the one that stands there: at most once in a pause, the last one then.
    func keep(_ topology: Topology) {
        wanted = Content(topology)
        schedule()
    }

    private func schedule() {
        guard wanted != nil, writing == nil, alarm.deadline == .never else { return }
        // What is found beside the peers follows them within a second.
        alarm.deadline = max(.now() + min(pause, .seconds(1)), lastWrite.map { $0 + pause } ?? .now())
    }

    private func write() {
        if writing == nil { begin() }
        guard writing != nil else { return }
        if writing!.text.append(next: TopologyCache.piece) {
            replacement.replace(with: writing!.text.bytes) { [unowned self] in wrote($0) }
        } else {
            alarm.deadline = loop.now
        }
    }

    private func begin() {
        guard let content = wanted else { return }
        wanted = nil
        // Of nobody there is nothing to keep.
        if content.peers.isEmpty || content == kept { return }
        let time = Int(wallClockSeconds())
        writing = (content, TopologyText(origin, time: time, peers: content.peers, services: content.services))
    }

    private func wrote(_ failure: SystemError?) {
        guard let content = writing?.content else { preconditionFailure("nothing was being written") }
        writing = nil
        lastWrite = loop.now
        if let failure {
            wanted = wanted ?? content
            onFailure("the topology can't be kept: \(failure)")
        } else {
            kept = content
        }
        schedule()
    }

    // MARK: Reading

    /// What an earlier run has left; nil when there is nothing, or nothing that can be used.
    func read() -> TopologyDocument? {
        do {
            let document = try TopologyDocument(document: try readFile(file, limit: 64 << 20))
            if document.origin == origin { return document }
            let other = document.origin
            onFailure(
                "\(file) is another exporter's: mesh \(other.mesh), namespace \(other.namespace), Service "
                    + "\(other.service), node \(other.node)")
        } catch let error as SystemError where error.isNoSuchFile {
            return nil
        } catch let error as SystemError {
            onFailure(error.description)
        } catch {
            onFailure("\(file): \(error)")
        }
        return nil
    }
}
