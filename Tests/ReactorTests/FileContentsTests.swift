import Foundation
import Glibc
import Reactor
import Testing

final class FileContentsTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("heartmesh-\(UUID())").path

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @Test(arguments: [0, 1, 16 << 10, (16 << 10) + 1, 100_000])
    func theWholeFile(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try write(bytes, to: "file")
        #expect(try readFile("\(folder)/file") == bytes)
        #expect(try readFile("\(folder)/file", limit: size) == bytes)
        if size > 0 {
            let error = #expect(throws: SystemError.self) { try readFile("\(folder)/file", limit: size - 1) }
            #expect(error?.description == "read \(folder)/file: File too large")
        }
    }

    @Test func errorsNameTheFile() {
        let missing = #expect(throws: SystemError.self) { try readFile("\(folder)/missing") }
        #expect(missing?.errno == ENOENT)
        #expect(missing?.description == "open \(folder)/missing: No such file or directory")
        let directory = #expect(throws: SystemError.self) { try readFile(folder) }
        #expect(directory?.description == "read \(folder): Is a directory")
    }

    @Test func filesOfProcHaveNoSizeAndAreRead() throws {
        #expect(try !readFile("/proc/self/stat").isEmpty)
    }

    @Test func theVersionChangesWithTheFile() throws {
        #expect(FileVersion(of: "\(folder)/file") == nil)
        try write([1], to: "file")
        let first = try #require(FileVersion(of: "\(folder)/file"))
        #expect(FileVersion(of: "\(folder)/file") == first)
        // In place, of another size.
        try write([1, 2], to: "file")
        let second = FileVersion(of: "\(folder)/file")
        #expect(second != first)
        // In place, of the same size: told by the time of the change, which the kernel takes from its last tick.
        let deadline = Instant.now() + .seconds(20)
        var third = second
        while third == second, Instant.now() < deadline {
            try write([3, 4], to: "file")
            third = FileVersion(of: "\(folder)/file")
        }
        #expect(third != second)
        // Another file of the same size and time put in its place.
        try write([5, 6], to: "new")
        #expect(rename("\(folder)/new", "\(folder)/file") == 0)
        #expect(FileVersion(of: "\(folder)/file") != third)
        #expect(unlink("\(folder)/file") == 0)
        #expect(FileVersion(of: "\(folder)/file") == nil)
    }

    /// The kubelet writes a new folder and turns the link `..data` to it; the file's own link never changes.
    @Test func theVersionChangesWithAConfigMap() throws {
        for (version, byte) in [("..1", UInt8(1)), ("..2", 2)] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(version)", withIntermediateDirectories: false)
            try write([byte], to: "\(version)/config.yaml")
        }
        #expect(symlink("..1", "\(folder)/..data") == 0)
        #expect(symlink("..data/config.yaml", "\(folder)/config.yaml") == 0)
        let first = try #require(FileVersion(of: "\(folder)/config.yaml"))
        #expect(symlink("..2", "\(folder)/..data_tmp") == 0)
        #expect(rename("\(folder)/..data_tmp", "\(folder)/..data") == 0)
        #expect(FileVersion(of: "\(folder)/config.yaml") != first)
        #expect(try readFile("\(folder)/config.yaml") == [2])
        #expect(unlink("\(folder)/..2/config.yaml") == 0)
        #expect(FileVersion(of: "\(folder)/config.yaml") == nil)
    }

    /// In place: the file's inode stays.
    private func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
}
