import Mesh
import Support
import Testing

@testable import Probing

struct ResolvConfTests {
    /// What the kubelet writes.
    @Test func ofAPod() throws {
        let conf = ResolvConf(
            """
            search default.svc.cluster.local svc.cluster.local cluster.local
            nameserver 10.96.0.10
            nameserver fd00:10:96::a
            options ndots:5

            """)
        #expect(try conf.nameservers == [#require(IPAddress("10.96.0.10")), #require(IPAddress("fd00:10:96::a"))])
        #expect(
            try conf.search
                == ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"].map { try DNSName($0) })
        #expect(conf.ndots == 5)
        #expect(conf.notes.isEmpty)
    }

    @Test func nothing() {
        let conf = ResolvConf("")
        #expect(conf.nameservers.isEmpty && conf.search.isEmpty && conf.notes.isEmpty)
        #expect(conf.ndots == 1)
    }

    @Test func commentsAndUnknownLinesArePassedOver() throws {
        let conf = ResolvConf(
            """
            # nameserver 192.0.2.1
            ;nameserver 192.0.2.2
             nameserver 192.0.2.3
            nameservers 192.0.2.4
            sortlist 192.0.2.5
            nameserver\t 192.0.2.6 # which is ours
            options edns0 timeout:1
            nameserver 192.0.2.7\r
            """)
        #expect(conf.nameservers.map(\.description) == ["192.0.2.6", "192.0.2.7"])
        #expect(conf.notes.isEmpty)
    }

    @Test func badServersAreNoted() {
        let conf = ResolvConf(
            """
            nameserver
            nameserver dns.example.com
            nameserver fe80::1%eth0
            nameserver 192.0.2.1%eth0
            nameserver 192.0.2.1:53
            nameserver 192.0.2.2
            nameserver 192.0.2.3
            nameserver 192.0.2.4
            """)
        #expect(conf.nameservers.map(\.description) == ["fe80::1", "192.0.2.2", "192.0.2.3"])
        #expect(
            conf.notes.map(\.description) == [
                "line 1: nameserver without an address", "line 2: \"dns.example.com\" is not an address",
                "line 3: the zone index of fe80::1%eth0 is ignored", "line 4: \"192.0.2.1%eth0\" is not an address",
                "line 5: \"192.0.2.1:53\" is not an address", "line 8: only the first 3 nameservers are used",
            ])
    }

    @Test(arguments: [
        ("search a b\ndomain c d", ["c."]), ("domain c\nsearch a b", ["a.", "b."]), ("search a\nsearch", ["a."]),
        ("search a b..c d", ["a.", "d."]), ("search .", ["."]), ("domain x", ["x."]),
    ])
    func theLastSearchListCounts(text: String, names: [String]) {
        #expect(ResolvConf(text).search.map(\.description) == names)
    }

    @Test func theSearchListIsBounded() {
        let conf = ResolvConf("search " + (1...33).map { "d\($0)" }.joined(separator: " "))
        #expect(conf.search.count == 32)
        #expect(conf.notes.map(\.description) == ["line 1: only the first 32 domains are used"])
        #expect(ResolvConf("search " + (1...32).map { "d\($0)" }.joined(separator: " ")).notes.isEmpty)
    }

    @Test(arguments: [
        ("options ndots:0", 0), ("options ndots:15", 15), ("options ndots:16", 15), ("options rotate ndots:3 debug", 3),
        ("options ndots:99999999999999999999", 15), ("options ndots:", 1), ("options ndots:-1", 1),
        ("options ndots:x", 1),
        ("options ndots:2\noptions ndots:4", 4), ("options", 1),
    ])
    func dots(text: String, count: Int) {
        #expect(ResolvConf(text).ndots == count)
    }

    /// Half of the last line's address would be another address.
    @Test func aLongFileIsCutBetweenLines() {
        let line = "nameserver 192.0.2.33\n"
        for excess in 1..<line.utf8.count {
            let filler = String(repeating: "#", count: (64 << 10) - line.utf8.count + excess - 1) + "\n"
            let conf = ResolvConf(filler + line)
            #expect(conf.nameservers.isEmpty)
            #expect(conf.notes.map(\.text) == ["what follows the first 64 KiB is passed over"])
        }
        let filler = String(repeating: "#", count: (64 << 10) - line.utf8.count - 1) + "\n"
        #expect(ResolvConf(filler + line).nameservers.map(\.description) == ["192.0.2.33"])
        #expect(ResolvConf(filler + line).notes.isEmpty)
    }

    @Test func notesAreBounded() {
        let conf = ResolvConf(String(repeating: "nameserver x\n", count: 1000))
        #expect(conf.notes.count == 8)
    }

    @Test func anyBytes() {
        var generator = SeededGenerator(seed: 5)
        let words = [
            "nameserver", "search", "options", "domain", "ndots:", "1.2.3.4", "::1", "%", " ", "\t", "\n", ".",
            "\u{fffd}",
        ]
        for _ in 0..<2000 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<40, using: &generator) {
                text += words.randomElement(using: &generator)!.utf8
                if Bool.random(using: &generator) { text.append(.random(in: 0...255, using: &generator)) }
            }
            let conf = ResolvConf(text)
            #expect(conf.nameservers.count <= 3 && (0...15).contains(conf.ndots))
        }
    }
}

extension ResolvConf {
    fileprivate init(_ text: String) {
        self.init(Array(text.utf8))
    }
}
