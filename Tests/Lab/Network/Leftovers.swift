import Foundation
import Glibc

/// The names of a test process's namespaces, and what dead test processes have left behind.
enum Leftovers {
    /// `hm1234-`; what follows tells the clusters of the process apart.
    static func prefix(ofProcess number: Int32) -> String { "hm\(number)-" }

    /// Removes what belongs to test processes that are not there any more: a test that was killed could not.
    static func sweep() {
        let namespaces = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
        let configured = (try? FileManager.default.contentsOfDirectory(atPath: "/etc/netns")) ?? []
        remove(Set(namespaces + configured).filter { name in owner(of: name).map { !isAlive($0) } ?? false })
        let temporary = FileManager.default.temporaryDirectory.path
        for name in (try? FileManager.default.contentsOfDirectory(atPath: temporary)) ?? [] {
            guard let owner = owner(of: name), !isAlive(owner) else { continue }
            try? FileManager.default.removeItem(atPath: "\(temporary)/\(name)")
        }
    }

    /// Removes namespaces and what `ip netns exec` reads of them; those that are not there are none to remove.
    static func remove(_ namespaces: some Sequence<String>) {
        for name in namespaces {
            let path = "/run/netns/\(name)"
            // What `ip netns delete` does; the namespace ends with the last program in it.
            umount2(path, Int32(MNT_DETACH))
            unlink(path)
            try? FileManager.default.removeItem(atPath: "/etc/netns/\(name)")
        }
        // Fails while others have namespaces there.
        rmdir("/etc/netns")
    }

    /// The process id in a name: 1234 for `hm1234-1-node-a`. Nil for names that are not a lab's.
    static func owner(of name: String) -> Int32? {
        guard let match = name.wholeMatch(of: /hm([0-9]+)-[0-9]+-.+/) else { return nil }
        return Int32(match.1)
    }

    private static func isAlive(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }
}
