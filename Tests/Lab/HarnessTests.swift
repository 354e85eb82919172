import Foundation
import Support
import Testing

extension Lab {
    /// The lab comes and goes without a trace on the machine.
    @Suite(.serialized) struct HarnessTests {
        private struct Thrown: Error {}

        private func traces(of prefix: String) throws -> [String] {
            try ["/run/netns", "/etc/netns", FileManager.default.temporaryDirectory.path].flatMap { folder in
                guard FileManager.default.fileExists(atPath: folder) else { return [String]() }
                return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(prefix) }
            }
        }

        private func interfaces() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net").sorted()
        }

        @Test func itIsUpSoonAndRemovedWhollyWhenATestThrows() async throws {
            let prefix = Leftovers.prefix(ofProcess: ProcessInfo.processInfo.processIdentifier)
            let before = try interfaces()
            let clock = ContinuousClock()
            let start = clock.now
            await #expect(throws: Thrown.self) {
                try await ClusterTrait().provideScope(for: #require(Test.current), testCase: nil) {
                    #expect(clock.now - start < .seconds(20))
                    #expect(Cluster.current.probing.channels == Probing.allChannels)
                    print("The lab was up in \(clock.now - start).")
                    #expect(try traces(of: prefix).count >= 2 * Cluster.current.network.cabling.namespaces.count)
                    #expect(try interfaces() == before, "nothing stands in the machine's own namespace")
                    throw Thrown()
                }
            }
            #expect(try traces(of: prefix) == [])
            #expect(try interfaces() == before)
        }

        @Test func whatADeadTestLeftIsSweptAndWhatALiveOneHasStays() throws {
            let ended = try Running("true")
            ended.waitForExit()
            let number = ended.processID
            ended.stop()
            let dead = Leftovers.prefix(ofProcess: number) + "1-node-a"
            let alive = Leftovers.prefix(ofProcess: getppid()) + "1-node-a"
            let other = "hm-somebody-elses"
            for name in [dead, alive, other] { try tool("ip", "netns", "add", name) }
            defer { Leftovers.remove([dead, alive, other]) }
            Leftovers.sweep()
            let left = try FileManager.default.contentsOfDirectory(atPath: "/run/netns")
            #expect(!left.contains(dead))
            #expect(left.contains(alive) && left.contains(other))
        }

        @Test func namesTellTheirOwner() {
            #expect(Leftovers.owner(of: "hm1234-1-node-a") == 1234)
            #expect(Leftovers.owner(of: "hm1234-12-lab-1a") == 1234)
            #expect(Leftovers.owner(of: "hm1234") == nil)
            #expect(Leftovers.owner(of: "hmm-1-node-a") == nil)
            #expect(Leftovers.owner(of: "cni-1234-1-node-a") == nil)
        }
    }
}
