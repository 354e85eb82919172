internal import Documents
internal import Mesh
package import Reactor

/// Reads the topology from a static mesh document, again whenever the file changes.
package final class FileSource {
    private unowned let observer: any DiscoveryObserver
    private let path: String
    private let period: Duration
    private let loop: EventLoop
    private var alarm: Alarm!
    private var version: FileVersion?
    /// What is wrong with that version; nil when it was read and understood.
    private var problem: DiscoveryReason?

    /// - Parameters:
    ///   - period: How often the file is looked at. A ConfigMap's file is a link into a folder that is replaced, which
    ///     inotify does not see from the file; one stat(2) a second costs less than the code that would.
    ///   - observer: Not owned; outlives the source.
    package init(
        path: String, period: Duration = .seconds(1), on loop: EventLoop, observer: any DiscoveryObserver
    ) {
        self.path = path
        self.period = period
        self.loop = loop
        self.observer = observer
        alarm = loop.alarm { [unowned self] in look() }
    }

    deinit {
        loop.remove(alarm)
    }

    /// Reads the file for the first time.
    ///
    /// - Throws: What is wrong with it: at the start a person is there to see it.
    package func start() throws(DiscoveryFailure) {
        version = FileVersion(of: path)
        let topology = try read()
        alarm.deadline = .now() + period
        observer.discovered(topology, invalid: [])
    }

    private func look() {
        alarm.deadline = loop.now + period
        let found = FileVersion(of: path)
        let isNew = found != version
        version = found
        if !isNew, problem == nil { return observer.discoveryConfirmed() }
        // What could not be read is tried again: a folder's permissions, or too many open files, may mend without a
        // change of the file.
        if !isNew, problem == .invalid { return }
        do {
            let topology = try read()
            problem = nil
            observer.discovered(topology, invalid: [])
        } catch {
            // A failure is told once, and again when the file changes from there.
            let isTold = !isNew && problem == error.reason
            problem = error.reason
            if !isTold { observer.discoveryFailed(error) }
        }
    }

    private func read() throws(DiscoveryFailure) -> Topology {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            throw DiscoveryFailure(.unreadable, error.description)
        }
        observer.discoveryReceived(bytes: bytes.count)
        do {
            return try MeshDocument.topology(bytes, name: path)
        } catch {
            throw DiscoveryFailure(.invalid, error.description)
        }
    }
}
