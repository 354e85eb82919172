import Foundation
import Glibc
import Support

/// A control group with a part of one CPU, removed with the last reference; its processes go back to where all are.
///
/// cgroup v2 (`cpu.max`), or v1 where that has the CPU controller (`cpu.cfs_quota_us`).
final class CPUShare {
    /// Whether this machine permits it: root, and a hierarchy that can be written to.
    static let isPermitted = (try? CPUShare(percent: 50)) != nil

    private let path: String

    /// - Parameter percent: Of each 100 ms, in milliseconds.
    init(percent: Int) throws {
        let name = "heartmesh-test-\(UUID().uuidString)"
        let quota = "\(percent * 1000)"
        let files = FileManager.default
        for (root, file, text) in [
            ("/sys/fs/cgroup", "cpu.max", "\(quota) 100000"), ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", quota),
        ] {
            if file == "cpu.max" { try? CPUShare.write("+cpu", to: "\(root)/cgroup.subtree_control") }
            let path = "\(root)/\(name)"
            guard mkdir(path, 0o755) == 0 else { continue }
            if files.fileExists(atPath: "\(path)/\(file)"), (try? CPUShare.write(text, to: "\(path)/\(file)")) != nil {
                self.path = path
                return
            }
            rmdir(path)
        }
        throw NotPermitted()
    }

    deinit {
        // A test that failed has left some; a process that has just ended may be there for a moment.
        let processes = (try? String(contentsOfFile: "\(path)/cgroup.procs", encoding: .utf8)) ?? ""
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        for process in processes.split(separator: "\n") {
            try? CPUShare.write(String(process), to: "\(parent)/cgroup.procs")
        }
        rmdir(path)
    }

    /// Moves a process in.
    func take(_ process: Running) throws {
        try CPUShare.write("\(process.processID)", to: "\(path)/cgroup.procs")
    }

    /// How often the kernel has made its processes wait.
    var throttled: Int {
        let text = (try? String(contentsOfFile: "\(path)/cpu.stat", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("nr_throttled ") }
        return line.flatMap { Int($0.dropFirst(13)) } ?? 0
    }

    private struct NotPermitted: Error {}

    /// In a single write(2), as the kernel wants it.
    private static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw NotPermitted() }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else { throw NotPermitted() }
    }
}
