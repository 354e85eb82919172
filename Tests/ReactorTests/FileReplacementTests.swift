import Foundation
import Support
import Testing

@testable import Reactor

struct FileReplacementTests {
    private let loop: EventLoop
    private let folder: URL

    init() throws {
        loop = try EventLoop()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("heartmesh-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path) }

    private func replace(_ file: FileReplacement, with text: String) throws -> SystemError? {
        var outcome: SystemError??
        file.replace(with: Array(text.utf8)) { outcome = .some($0) }
        #expect(outcome == nil)
        #expect(loop.turn(while: { outcome == nil }))
        return outcome ?? nil
    }

    @Test func theNewContentsTakeThePlaceOfTheOld() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try FileReplacement(path("a"), on: loop)
        // Whether it can be written is tried out, and nothing is left of that.
        #expect(try names() == [])
        let long = String(repeating: "0123456789", count: 100_000)
        for text in ["short", long, "", "the end"] {
            #expect(try replace(file, with: text) == nil)
            #expect(try String(contentsOfFile: path("a"), encoding: .utf8) == text)
            #expect(try names() == ["a"])
        }
        // Where peers are is not for every user of the machine.
        #expect(try FileManager.default.attributesOfItem(atPath: path("a"))[.posixPermissions] as? Int == 0o600)
    }

    /// Whoever has the old file open still reads the old contents.
    @Test func theOldFileIsNotWrittenTo() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try FileReplacement(path("a"), on: loop)
        #expect(try replace(file, with: "old") == nil)
        let reader = try FileHandle(forReadingFrom: URL(fileURLWithPath: path("a")))
        #expect(try replace(file, with: "new") == nil)
        #expect(try reader.readToEnd() == Data("old".utf8))
    }

    @Test func aFolderThatCannotBeWrittenToIsNamed() {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect {
            try FileReplacement(path("nowhere/a"), on: loop)
        } throws: {
            "\($0)" == "open \(path("nowhere/a")).new: No such file or directory"
        }
    }

    @Test func whatGoesWrongLaterLeavesTheOldFile() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try FileReplacement(path("a"), on: loop)
        // A folder can't be replaced by a file.
        try FileManager.default.createDirectory(atPath: path("a"), withIntermediateDirectories: false)
        #expect(try replace(file, with: "new")?.description == "rename \(path("a")).new: Is a directory")
        #expect(try names() == ["a"])
        try FileManager.default.removeItem(at: folder)
        #expect(
            try replace(file, with: "new")?.description == "open \(path("a")).new: No such file or directory")
    }

    /// A device that is always full.
    @Test func aFullDiskIsAnError() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try FileReplacement(path("a"), on: loop)
        #expect(try replace(file, with: "old") == nil)
        try FileManager.default.createSymbolicLink(atPath: path("a.new"), withDestinationPath: "/dev/full")
        #expect(try replace(file, with: "new")?.description == "write \(path("a")).new: No space left on device")
        #expect(try String(contentsOfFile: path("a"), encoding: .utf8) == "old")
    }

    @Test func oneThatGoesWhileItWritesIsNotCalledBack() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var file: FileReplacement? = try FileReplacement(path("a"), on: loop)
        var calls = 0
        file?.replace(with: [UInt8](repeating: 0, count: 8 << 20)) { _ in calls += 1 }
        file = nil
        for _ in 0..<5 { loop.turn(until: .now() + .milliseconds(10)) }
        #expect(calls == 0)
    }
}
