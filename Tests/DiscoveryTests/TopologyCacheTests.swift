import Foundation
import Mesh
import Reactor
import Testing

@testable import Discovery

struct TopologyCacheTests {
    private let loop: EventLoop
    private let folder: TemporaryFolder
    private let origin = TopologyDocument.Origin(mesh: "m", namespace: "n", service: "s", node: "node-a")

    init() throws {
        loop = try EventLoop()
        folder = try TemporaryFolder()
    }

    private final class Failures {
        var texts: [String] = []
    }

    private func cache(
        _ origin: TopologyDocument.Origin? = nil, pause: Duration = .milliseconds(50),
        telling failures: Failures = Failures()
    ) throws -> TopologyCache {
        let cache = try TopologyCache(folder: folder.path, origin ?? self.origin, pause: pause, on: loop)
        cache.onFailure = { failures.texts.append($0) }
        return cache
    }

    private func peers(_ count: Int, state: PeerState = .active) -> Topology {
        Topology(
            (0..<count).map {
                Peer(
                    node: "node-\($0)", zone: "", addresses: addresses("10.0.\($0 / 250).\($0 % 250)"), port: 8873,
                    state: $0 == 0 ? state : .active)
            })
    }

    private func kept() throws -> TopologyDocument {
        try TopologyDocument(document: try readFile(folder["topology.json"]))
    }

    private func version() -> FileVersion? { FileVersion(of: folder["topology.json"]) }

    @Test func whatIsKeptIsReadByTheNext() throws {
        let cache = try cache()
        #expect(cache.read() == nil)
        cache.keep(fullTopology)
        try loop.turn(until: "it is written") { version() != nil }
        let document = try #require(try self.cache().read())
        #expect(document.origin == origin && document.topology == fullTopology)
        #expect(abs(Double(document.time) - wallClockSeconds()) < 60)
    }

    @Test func aPeerThatEndsIsNotKept() throws {
        let cache = try cache()
        cache.keep(peers(3, state: .draining))
        try loop.turn(until: "it is written") { version() != nil }
        #expect(try kept().topology.peers.map(\.node) == ["node-1", "node-2"])
    }

    /// Nothing is kept of nobody: there would be nothing to probe.
    @Test func withoutPeersNothingIsWritten() throws {
        let cache = try cache(pause: .zero)
        cache.keep(peers(1, state: .draining))
        for _ in 0..<5 { loop.turn(until: .now() + .milliseconds(10)) }
        #expect(version() == nil)
    }

    /// What changes in a pause is written once, at its end; what does not change is not written.
    @Test func itIsWrittenOncePerPause() throws {
        let pause = Duration.milliseconds(400)
        let cache = try cache(pause: pause)
        cache.keep(peers(300))
        try loop.turn(until: "it is written") { version() != nil }
        let (first, start) = (version(), Instant.now())
        // More than fits into one turn's piece.
        for count in [1, 2, 200] { cache.keep(peers(count)) }
        try loop.turn(until: "it is written again") { version() != first }
        #expect(Instant.now() - start > pause / 4)
        #expect(try kept().topology == peers(200))
        let second = version()
        cache.keep(peers(5))
        cache.keep(peers(200))
        let end = Instant.now() + pause * 2
        while Instant.now() < end { loop.turn(until: end) }
        #expect(version() == second)
    }

    @Test func whatIsNotThereIsNoFailure() throws {
        let failures = Failures()
        #expect(try cache(telling: failures).read() == nil)
        #expect(failures.texts.isEmpty)
    }

    @Test func anothersFileIsOfNoUse() throws {
        let cache = try cache()
        cache.keep(peers(2))
        try loop.turn(until: "it is written") { version() != nil }
        var others = [origin, origin, origin, origin]
        others[0].mesh = "x"
        others[1].namespace = "x"
        others[2].service = "x"
        others[3].node = "x"
        for other in others {
            let failures = Failures()
            #expect(try self.cache(other, telling: failures).read() == nil)
            #expect(
                failures.texts == [
                    "\(folder["topology.json"]) is another exporter's: mesh m, namespace n, Service s, node node-a"
                ])
        }
    }

    @Test func aDamagedFileIsNamed() throws {
        try folder.write("topology.json", "{\"kind\":")
        let failures = Failures()
        #expect(try cache(telling: failures).read() == nil)
        #expect(failures.texts == ["\(folder["topology.json"]): byte 8: the document ends too early"])
        try folder.remove("topology.json")
        try FileManager.default.createDirectory(
            atPath: folder["topology.json"], withIntermediateDirectories: false)
        #expect(try cache(telling: failures).read() == nil)
        #expect(failures.texts[1...] == ["read \(folder["topology.json"]): Is a directory"])
    }

    @Test func aFolderThatIsNotThereIsAnError() {
        #expect(throws: SystemError.self) {
            try TopologyCache(folder: folder["nowhere"], origin, pause: .seconds(60), on: loop)
        }
    }

    /// It is tried again, with what is to be kept by then.
    @Test func aWriteThatFailsIsTriedAgain() throws {
        let failures = Failures()
        let cache = try cache(telling: failures)
        try FileManager.default.createDirectory(
            atPath: folder["topology.json"], withIntermediateDirectories: false)
        cache.keep(peers(2))
        try loop.turn(until: "it has failed twice") { failures.texts.count == 2 }
        #expect(
            failures.texts[0]
                == "the topology can't be kept: rename \(folder["topology.json"]).new: Is a directory")
        cache.keep(peers(3))
        try folder.remove("topology.json")
        try loop.turn(until: "it is written") { version() != nil }
        #expect(try kept().topology == peers(3))
    }
}
