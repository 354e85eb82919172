internal import Documents
internal import Mesh
package import Reactor

/// Reads the topology from a static mesh document, again whenever the file changes.
package final class FileSource {
    private unowned let observer: any DiscoveryObserver
    private let path: String
    private let period: Duration
    private let loop: EventLoop
    private var names: Names!
    private var alarm: Alarm!
    private var version: FileVersion?
    /// What is wrong with that version; nil when it was read and understood.
    private var problem: DiscoveryReason?
    /// The last one that was understood.
    private var document: MeshDocument?
    private var told: Topology?

    /// - Parameters:
    ///   - period: How often the file is looked at. A ConfigMap's file is a link into a folder that is replaced, which
    ///     inotify does not see from the file; one stat(2) a second costs less than the code that would.
    ///   - observer: Not owned; outlives the source.
    package convenience init(
        path: String, period: Duration = .seconds(1), on loop: EventLoop, observer: any DiscoveryObserver
    ) {
        self.init(path: path, period: period, on: loop, resolver: nil, observer: observer)
    }

    /// - Parameter resolver: Looks up names; nil: as the system does.
    init(
        path: String, period: Duration, namesEvery interval: Duration = .seconds(60), on loop: EventLoop,
        resolver: (any NameResolver)?, observer: any DiscoveryObserver
    ) {
        self.path = path
        self.period = period
        self.loop = loop
        self.observer = observer
        alarm = loop.alarm { [unowned self] in look() }
        names = Names(every: interval, on: loop, resolver: resolver, observer: observer) { [unowned self] in tell() }
    }

    deinit {
        loop.remove(alarm)
    }

    /// Reads the file for the first time.
    ///
    /// - Throws: What is wrong with it: at the start a person is there to see it.
    package func start() throws(DiscoveryFailure) {
        version = FileVersion(of: path)
        let document = try read()
        alarm.deadline = .now() + period
        take(document)
    }

    private func look() {
        alarm.deadline = loop.now + period
        let found = FileVersion(of: path)
        let isNew = found != version
        version = found
        if !isNew, problem == nil { return observer.discoverySucceeded(.file, invalid: []) }
        // What could not be read is tried again: a folder's permissions, or too many open files, may mend without a
        // change of the file.
        if !isNew, problem == .invalid { return }
        do {
            let document = try read()
            problem = nil
            take(document)
        } catch {
            // A failure is told once, and again when the file changes from there.
            let isTold = !isNew && problem == error.reason
            problem = error.reason
            if !isTold { observer.discoveryFailed(.file, error) }
        }
    }

    private func read() throws(DiscoveryFailure) -> MeshDocument {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            throw DiscoveryFailure(.unreadable, error.description)
        }
        observer.discoveryReceived(.file, bytes: bytes.count)
        do {
            return try MeshDocument(bytes, name: path)
        } catch {
            throw DiscoveryFailure(.invalid, error.description)
        }
    }

    /// What has to be looked up first follows later.
    private func take(_ document: MeshDocument) {
        self.document = document
        names.want(Set(document.services.flatMap(\.names)))
        tell()
        observer.discoverySucceeded(.file, invalid: [])
    }

    private func tell() {
        guard let topology = document?.topology({ names[$0] }), topology != told else { return }
        told = topology
        observer.discovered(topology)
    }
}
