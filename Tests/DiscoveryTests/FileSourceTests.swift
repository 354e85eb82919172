import Glibc
import Mesh
import Reactor
import Testing

@testable import Discovery

struct FileSourceTests {
    private let folder: TemporaryFolder
    private let loop: EventLoop
    private let witness = Witness()

    init() throws {
        folder = try TemporaryFolder()
        loop = try EventLoop()
    }

    private func document(_ nodes: String...) -> String {
        "peers:\n" + nodes.map { "  - {node: \($0), addresses: [10.0.0.1]}\n" }.joined()
    }

    /// A source that has read the file for the first time.
    private func started(_ name: String = "peers.yaml") throws -> FileSource {
        let source = FileSource(path: folder[name], period: .milliseconds(20), on: loop, observer: witness)
        try source.start()
        return source
    }

    /// Waits for the next thing told.
    private func next() throws -> Witness.Told {
        let count = witness.told.count
        try loop.turn(until: "the source tells something") { witness.told.count > count }
        return witness.told[count]
    }

    /// Waits until something is told that is not the confirmation of what was known.
    private func change() throws -> Witness.Told {
        while true {
            let told = try next()
            if told != .confirmed { return told }
        }
    }

    private func nodes() throws -> [String]? { try change().topology?.peers.map(\.node) }

    @Test func theFirstTopologyIsThereAtOnce() throws {
        try folder.write("peers.yaml", document("a"))
        let source = try started()
        #expect(witness.told.map(\.topology?.peers.count) == [1])
        #expect(witness.receivedBytes == [document("a").utf8.count])
        #expect(try next() == .confirmed)
        #expect(try next() == .confirmed)
        // Looked at, not read.
        #expect(witness.receivedBytes.count == 1)
        _ = source
    }

    @Test func aFileThatCannotBeUsedAtTheStart() throws {
        let missing = #expect(throws: DiscoveryFailure.self) { try started() }
        #expect(missing?.reason == .unreadable)
        #expect(missing?.description == "open \(folder["peers.yaml"]): No such file or directory")
        try folder.write("peers.yaml", "peers: [{}]")
        let bad = #expect(throws: DiscoveryFailure.self) { try started() }
        #expect(bad?.reason == .invalid)
        #expect(bad?.description.hasPrefix("\(folder["peers.yaml"]):1:9: peers[0].node: is required") == true)
        let directory = #expect(throws: DiscoveryFailure.self) { try started("") }
        #expect(directory?.reason == .unreadable)
        #expect(witness.told.isEmpty)
    }

    /// By a write in place, by a rename over it, and as the kubelet changes a ConfigMap's file: by a link into a folder
    /// that is replaced.
    @Test func aChangedFileIsReadAgain() throws {
        try folder.write("peers.yaml", document("a"))
        let source = try started()
        try folder.write("peers.yaml", document("a", "b"))
        #expect(try nodes() == ["a", "b"])
        try folder.write("peers.new", document("c"))
        #expect(rename(folder["peers.new"], folder["peers.yaml"]) == 0)
        #expect(try nodes() == ["c"])
        _ = source
    }

    @Test func aLinkThatIsReplacedIsFollowed() throws {
        for (name, text) in [("v1", document("a")), ("v2", document("b"))] {
            #expect(mkdir(folder[name], 0o700) == 0)
            try folder.write("\(name)/peers.yaml", text)
        }
        #expect(symlink("v1", folder["..data"]) == 0)
        #expect(symlink("..data/peers.yaml", folder["peers.yaml"]) == 0)
        let source = try started()
        #expect(witness.told.last?.topology?.peers.map(\.node) == ["a"])
        #expect(symlink("v2", folder["..data_tmp"]) == 0)
        #expect(rename(folder["..data_tmp"], folder["..data"]) == 0)
        #expect(try nodes() == ["b"])
        _ = source
    }

    /// The last good topology stays, and it is not confirmed.
    @Test func aBadChangeIsToldOnceAndHeals() throws {
        try folder.write("peers.yaml", document("a"))
        let source = try started()
        try folder.write("peers.yaml", "peers: [{node: a}]")
        #expect(try change() == .failed(.invalid))
        #expect(witness.failures[0].description == "\(folder["peers.yaml"]):1:9: peers[0].addresses: is required")
        let count = witness.told.count
        try turnThroughTwoLooks()
        #expect(witness.told.count == count)
        // Bad in another way: that is news.
        try folder.write("peers.yaml", "peers: {}")
        #expect(try next() == .failed(.invalid))
        try folder.write("peers.yaml", document("a", "b"))
        #expect(try next().topology?.peers.map(\.node) == ["a", "b"])
        #expect(try next() == .confirmed)
        _ = source
    }

    @Test func aFileThatIsGoneComesBack() throws {
        try folder.write("peers.yaml", document("a"))
        let source = try started()
        try folder.remove("peers.yaml")
        #expect(try change() == .failed(.unreadable))
        let count = witness.told.count
        try turnThroughTwoLooks()
        #expect(witness.told.count == count)
        try folder.write("peers.yaml", document("a"))
        #expect(try next() == .confirmed)
        try folder.write("peers.yaml", document("b"))
        #expect(try nodes() == ["b"])
        _ = source
    }

    /// What keeps it from being read may mend without a change of the file: too many open files, a folder's rights.
    ///
    /// Root may read everything; this thread asks the kernel's file systems to take it for somebody else (setfsuid(2)).
    @Test(.enabled(if: geteuid() == 0)) func whatCannotBeReadIsTriedAgain() throws {
        try folder.write("peers.yaml", document("a"))
        #expect(chmod(folder.path, 0o755) == 0 && chmod(folder["peers.yaml"], 0o644) == 0)
        let source = try started()
        #expect(chmod(folder["peers.yaml"], 0o600) == 0)
        setfsuid(65534)
        defer { setfsuid(0) }
        #expect(try change() == .failed(.unreadable))
        #expect(witness.failures[0].description == "open \(folder["peers.yaml"]): Permission denied")
        setfsuid(0)
        #expect(try next() == .confirmed)
        #expect(witness.receivedBytes.count == 2)
        _ = source
    }

    @Test func aSourceThatIsLetGoOfTellsNothing() throws {
        try folder.write("peers.yaml", document("a"))
        var source: FileSource? = try started()
        weak let left = source
        source = nil
        #expect(left == nil)
        try folder.write("peers.yaml", document("b"))
        try turnThroughTwoLooks()
        #expect(witness.told.count == 1)
    }

    /// What has to be looked up first follows; what the name has later, too.
    @Test func servicesWithNames() throws {
        let resolver = Resolver(["lb.example": .addresses(["192.0.2.2"])])
        resolver.use(loop)
        let entry = "{channel: load_balancer, name: lb, addresses: [192.0.2.1, lb.example]}"
        let address = "{channel: cluster_ip, name: ip, addresses: [10.96.0.1]}"
        try folder.write("peers.yaml", document("a") + "services:\n  - \(entry)\n  - \(address)\n")
        let source = FileSource(
            path: folder["peers.yaml"], period: .milliseconds(20), namesEvery: .milliseconds(50), on: loop,
            resolver: resolver, observer: witness)
        try source.start()
        #expect(witness.topologies.map { $0.services.map(\.name) } == [["ip"]])
        try loop.turn(until: "the name") { witness.topologies.count == 2 }
        #expect(witness.topologies[1].services.map(\.name) == ["lb", "ip"])
        #expect(witness.topologies[1].services[0].addresses == addresses("192.0.2.1", "192.0.2.2"))
        resolver.answers = [:]
        try loop.turn(until: "the change") { witness.topologies.count == 3 }
        #expect(witness.topologies[2].services[0].addresses == addresses("192.0.2.1"))
        #expect(witness.topologies[2].services[0].unresolved == ["lb.example"])
        #expect(witness.successes.allSatisfy { $0.resource == .names })
        try folder.write("peers.yaml", document("a", "b"))
        try loop.turn(until: "the new document") { witness.topologies.count == 4 }
        #expect(witness.topologies[3].services.isEmpty)
    }

    /// A second source on the same loop shows that its looks have come and gone.
    private func turnThroughTwoLooks() throws {
        try folder.write("clock.yaml", "peers: []")
        let clock = Witness()
        let source = FileSource(path: folder["clock.yaml"], period: .milliseconds(20), on: loop, observer: clock)
        try source.start()
        try loop.turn(until: "two looks") { clock.told.count == 3 }
    }
}

/// setfsuid(2), of this thread alone; Glibc's module lacks it.
private func setfsuid(_ user: UInt32) {
    typealias Function = @convention(c) (UInt32) -> Int32
    guard let symbol = dlsym(nil, "setfsuid") else { preconditionFailure("glibc has setfsuid") }
    _ = unsafeBitCast(symbol, to: Function.self)(user)
}
