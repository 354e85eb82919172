internal import Documents
internal import Reactor

/// The configuration file of a running exporter, which is to be read again when it has changed.
///
/// It is looked at once a second, as `FileSource` does and for the same reasons. A file that is written in place is empty
/// for a moment, and an empty file is a good configuration: a change counts when two looks have seen the same.
final class ConfigurationFile {
    private static let period = Duration.seconds(1)
    /// After a failure, whatever has become of the file: in a pod, what it names may come a minute later than itself.
    private static let retryPeriod = Duration.seconds(10)

    let path: String
    /// Why it could not be used when it was last read; nil when it could.
    private(set) var failure: DocumentError?
    private let options: RunOptions
    private let loop: EventLoop
    private let changed: () -> Void
    private var alarm: Alarm!
    private var versionRead: FileVersion?
    private var versionSeen: FileVersion?
    private var nextTry = Instant.never

    /// - Parameter changed: Called when it is time to read the file again; for the first time soon after the start, as it may
    ///   have changed since the exporter has read it.
    init(_ path: String, _ options: RunOptions, on loop: EventLoop, changed: @escaping () -> Void) {
        self.path = path
        self.options = options
        self.loop = loop
        self.changed = changed
        alarm = loop.alarm { [unowned self] in look() }
        alarm.deadline = .now()
    }

    deinit {
        loop.remove(alarm)
    }

    /// Reads it for an exporter that runs.
    ///
    /// - Throws: What keeps the exporter from going on with it.
    func read(
        replacing configuration: Configuration, of node: String
    ) throws(DocumentError) -> (configuration: Configuration, warnings: [Problem]) {
        // What is written from here on is another version.
        versionRead = FileVersion(of: path)
        do throws(DocumentError) {
            if versionRead?.isRegular == false {
                throw DocumentError([Problem(name: path, position: nil, message: "is no file that can be read again")])
            }
            let running = Configuration.Running(configuration: configuration, options: options, node: node)
            let loaded = try Configuration.load(path: path, for: running)
            failure = nil
            nextTry = .never
            return loaded
        } catch {
            failure = error
            nextTry = .now() + ConfigurationFile.retryPeriod
            throw error
        }
    }

    private func look() {
        alarm.deadline = loop.now + ConfigurationFile.period
        let found = FileVersion(of: path)
        let isSettled = found == versionSeen
        versionSeen = found
        if found?.isRegular == false { return }
        if isSettled, found != versionRead || loop.now >= nextTry { changed() }
    }
}
