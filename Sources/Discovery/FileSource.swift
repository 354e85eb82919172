internal import Documents
internal import Mesh
package import Reactor

/// Reads the topology from a static mesh document, again whenever the file changes.
package final class FileSource {
    /// How often the file is looked at. A ConfigMap's file is a link into a folder that is replaced, which inotify does
    /// not see from the file; one stat(2) a second costs less than the code that would.
    private static let period = Duration.seconds(1)

    private unowned let observer: any DiscoveryObserver
    private let path: String
    private let loop: EventLoop
    private var alarm: Alarm!
    private var version: FileVersion?
    /// Whether that version was read and understood.
    private var isGood = true

    /// - Parameter observer: Not owned; outlives the source.
    package init(path: String, on loop: EventLoop, observer: any DiscoveryObserver) {
        self.path = path
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
        alarm.deadline = .now() + FileSource.period
        observer.discovered(topology, invalid: [])
    }

    private func look() {
        alarm.deadline = loop.now + FileSource.period
        let found = FileVersion(of: path)
        if found == version {
            if isGood { observer.discoveryConfirmed() }
            return
        }
        // Also when it is gone: a failure is told once, and again when the file changes from there.
        version = found
        isGood = false
        do {
            observer.discovered(try read(), invalid: [])
            isGood = true
        } catch {
            observer.discoveryFailed(error)
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
