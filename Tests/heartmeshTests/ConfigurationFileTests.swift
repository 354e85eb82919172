import Documents
import Foundation
import Reactor
import Testing

@testable import heartmesh

/// When the configuration is read again. Each look is a second after the one before.
struct ConfigurationFileTests {
    private final class Reader {
        var file: ConfigurationFile!
        var count = 0
        var configuration = Configuration()

        /// Reads when it is told to, as the exporter does.
        func read() {
            count += 1
            if let loaded = try? file.read(replacing: configuration, of: "a") { configuration = loaded.configuration }
        }
    }

    private let folder: Folder
    private let loop: EventLoop
    private let reader = Reader()

    init() throws {
        folder = try Folder()
        loop = try EventLoop()
        try folder.write("peers: {watch: 1}\n", "heartmesh.yaml")
        try watch("\(folder.path)/heartmesh.yaml")
    }

    private func watch(_ path: String) throws {
        var options = RunOptions()
        options.nodeName = "a"
        reader.file = ConfigurationFile(path, options, on: loop) { [unowned reader] in reader.read() }
    }

    private func turn(_ what: String, _ condition: () -> Bool) throws {
        let deadline = Instant.now() + .seconds(30)
        while !condition() {
            try #require(Instant.now() < deadline, "\(what)")
            loop.turn(until: .now() + .milliseconds(50))
        }
    }

    @Test func aChangeIsReadOnce() throws {
        try turn("the first look") { reader.configuration.peers.watch == 1 }
        try folder.write("peers: {watch: 2}\n", "heartmesh.yaml")
        try turn("the change") { reader.configuration.peers.watch == 2 }
        let count = reader.count
        let later = Instant.now() + .milliseconds(2500)
        try turn("two more looks") { Instant.now() > later }
        #expect(reader.count == count)
        // What somebody has asked for meanwhile needs no look.
        try folder.write("peers: {watch: 3}\n", "heartmesh.yaml")
        reader.read()
        #expect(reader.configuration.peers.watch == 3)
    }

    /// A file that is written in place is empty for a moment, which is a good configuration.
    @Test func whatIsStillBeingWrittenIsNotRead() throws {
        try turn("the first look") { reader.configuration.peers.watch == 1 }
        let count = reader.count
        let later = Instant.now() + .milliseconds(3500)
        var size = 0
        // Another version at each look: they are a second apart.
        while Instant.now() < later {
            size += 1
            try folder.write(String(repeating: "#", count: size), "heartmesh.yaml")
            loop.turn(until: .now() + .milliseconds(50))
        }
        #expect(reader.count == count && reader.configuration.peers.watch == 1)
        try folder.write("peers: {watch: 4}\n", "heartmesh.yaml")
        try turn("the whole file") { reader.configuration.peers.watch == 4 }
    }

    /// The folder of a ConfigMap: its files are links into one that a link of another name stands for.
    @Test func aConfigMapIsReplacedAsAWhole() throws {
        let files = FileManager.default
        for (version, watch) in [("1", 5), ("2", 6)] {
            try files.createDirectory(atPath: "\(folder.path)/..\(version)", withIntermediateDirectories: false)
            try folder.write("peers: {watch: \(watch)}\n", "..\(version)/linked.yaml")
        }
        try files.createSymbolicLink(atPath: "\(folder.path)/..data", withDestinationPath: "..1")
        try files.createSymbolicLink(
            atPath: "\(folder.path)/linked.yaml", withDestinationPath: "..data/linked.yaml")
        try watch("\(folder.path)/linked.yaml")
        try turn("the first look") { reader.configuration.peers.watch == 5 }
        try files.createSymbolicLink(atPath: "\(folder.path)/..data_tmp", withDestinationPath: "..2")
        #expect(rename("\(folder.path)/..data_tmp", "\(folder.path)/..data") == 0)
        try turn("the other folder") { reader.configuration.peers.watch == 6 }
    }

    @Test func aFailureIsTriedAgain() throws {
        try turn("the first look") { reader.configuration.peers.watch == 1 }
        let text = "probes: [{name: a, url: 'http://h', bearerTokenFile: token}]\n"
        try folder.write(text, "heartmesh.yaml")
        try turn("the failure") { reader.file.failure != nil }
        #expect(reader.file.failure?.problems.first?.path == "probes[0].bearerTokenFile")
        #expect(reader.configuration.probes.isEmpty)
        // The file itself stays as it is.
        try folder.write("a-token\n", "token")
        try turn("another try") { reader.configuration.probes.count == 1 }
        #expect(reader.file.failure == nil)
    }

    @Test func aFileThatIsGone() throws {
        try turn("the first look") { reader.configuration.peers.watch == 1 }
        try FileManager.default.removeItem(atPath: "\(folder.path)/heartmesh.yaml")
        try turn("the failure") { reader.file.failure != nil }
        #expect(reader.file.failure?.description.contains("No such file or directory") == true)
        try folder.write("peers: {watch: 7}\n", "heartmesh.yaml")
        try turn("the new file") { reader.configuration.peers.watch == 7 }
    }

    /// What has come through a pipe once comes no more, and to open it is to wait.
    @Test func aPipeIsNotReadAgain() throws {
        mkfifo("\(folder.path)/pipe", 0o600)
        try watch("\(folder.path)/pipe")
        let later = Instant.now() + .milliseconds(2500)
        try turn("two looks") { Instant.now() > later }
        #expect(reader.count == 0)
        reader.read()
        #expect(reader.file.failure?.description.hasSuffix("is no file that can be read again") == true)
    }
}
