import Glibc
import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// What every kind of probe obeys.
@Suite(.serialized)
struct ConformanceTests {
    /// ICMP where it is permitted; namespaces for what it needs need root.
    static let kinds = ProbeKind.allCases.filter {
        $0 != .icmp || LossyNetwork.isPermitted && EchoSocket.isPermitted
    }

    private func rig() async throws -> Rig {
        let trust = try await Front.shared.value.trust
        return try Rig(trust: Self.trust(trust))
    }

    private static func trust(_ trust: Trust) -> [Channel: Trust] { [.ingress: trust, .dns: trust, .url: trust] }

    /// A server that answers this kind of probe as it should.
    private func server(_ kind: ProbeKind, host: String = "127.0.0.1") async throws -> SocketAddress {
        switch kind {
        case .http, .tcp, .urlHTTP: try await Front.shared.value.address(.plain, host: host)
        case .https, .urlHTTPS: try await Front.shared.value.address(.front, host: host)
        case .udp: try UDPAnswerer.shared.get()[host == "::1" ? 1 : 0].address
        case .icmp: SocketAddress(host, 0)
        case .large: try LargeAnswerer.shared.get()[host == "::1" ? 1 : 0].address
        case .dnsUDP, .dnsTCP: try await DNSFront.shared.value.address(.plain, host: host)
        case .dnsTLS: try await DNSFront.shared.value.address(.tls, host: host)
        case .dnsHTTPS: try await DNSFront.shared.value.address(.https, host: host)
        }
    }

    /// Runs a body where there is a hole for this kind of probe: for ICMP, whose other end is the kernel, in a network of
    /// its own.
    static func place<Result: Sendable>(
        _ kind: ProbeKind, _ body: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        if kind != .icmp { return try body() }
        return try await LossyNetwork().run {
            try LossyNetwork.lose("ip daddr 127.0.0.9")
            return try body()
        }
    }

    /// Where nothing ever comes back, for as long as the server lives.
    static func hole(_ kind: ProbeKind) throws -> (server: AnyObject, address: SocketAddress) {
        if kind == .icmp { return (NoServer(), SocketAddress("127.0.0.9", 0)) }
        if kind == .udp {
            let server = try DatagramServer(answer: nil)
            return (server, server.address)
        }
        let server = try BlackHole()
        return (server, server.address)
    }

    @Test(arguments: kinds)
    func aTargetIsProbedOnceInAnInterval(kind: ProbeKind) async throws {
        let rig = try await rig()
        let target = try target(kind, try await server(kind))
        let interval = Duration.milliseconds(50)
        let slot = rig.prober.add(target, interval: interval, timeout: .seconds(30))
        #expect(rig.results.isEmpty && rig.lags.isEmpty)
        let start = Instant.now()
        #expect(rig.turn(while: { Instant.now() - start < .milliseconds(1000) }))
        rig.prober.remove(slot)
        #expect(rig.turn(while: { rig.prober.active > 0 }))
        let beats = Int((Instant.now() - start).nanoseconds / interval.nanoseconds)
        let late = rig.skipped[.late, default: 0]
        #expect((beats - 2 - late...beats + 1).contains(rig.lags.count), "\(rig.lags.count) of \(beats), \(late) late")
        for result in rig.results {
            guard case .success(let latency, nil) = result.outcome else {
                Issue.record("\(result)")
                continue
            }
            // On a busy machine some are not known.
            if let latency { #expect(latency > 0 && latency < Duration.seconds(1).nanoseconds) }
        }
    }

    @Test(arguments: kinds, ["127.0.0.1", "::1"])
    func success(kind: ProbeKind, host: String) async throws {
        let front = try await Front.shared.value
        let result = try probe(target(kind, try await server(kind, host: host)), trust: front.trust)
        #expect(result.outcome.isSuccess, "\(result)")
    }

    /// A kernel that is asked by ICMP always listens.
    @Test(arguments: kinds.filter { $0 != .icmp }, ["127.0.0.1", "::1"])
    func nobodyListens(kind: ProbeKind, host: String) throws {
        let port = try FreePort(on: [host])
        let result = try probe(target(kind, port.address))
        #expect(result.outcome == .failure(.refused))
        #expect(result.detail.hasSuffix("Connection refused"))
    }

    @Test(arguments: kinds, [100, 250])
    func nothingAnswers(kind: ProbeKind, timeout: Int) async throws {
        let (result, elapsed) = try await Self.place(kind) {
            let hole = try Self.hole(kind)
            let start = Instant.now()
            let result = try probe(target(kind, hole.address), timeout: .milliseconds(timeout))
            withExtendedLifetime(hole) {}
            return (result, Instant.now() - start)
        }
        #expect(result.outcome == .failure(.timeout))
        #expect(!result.detail.isEmpty)
        // libcurl's clock counts in whole milliseconds. Above: the first beat, and a machine that is busy.
        #expect(elapsed >= .milliseconds(timeout - 1) && elapsed < .milliseconds(timeout + 2000))
    }

    /// To a broadcast address the kernel says ENETUNREACH of TCP, and EACCES of datagrams, on every machine and at once.
    @Test(arguments: kinds)
    func thereIsNoWay(kind: ProbeKind) throws {
        let result = try probe(target(kind, SocketAddress("255.255.255.255", 80)))
        if [.dnsUDP, .udp, .icmp].contains(kind) {
            #expect(result.outcome == .failure(.permission))
            #expect(result.detail.hasSuffix("Permission denied"))
            return
        }
        #expect(result.outcome == .failure(.unreachable))
        #expect(result.detail.hasSuffix("Network is unreachable"))
    }

    @Test(arguments: kinds)
    func whatIsRemovedTellsNothing(kind: ProbeKind) async throws {
        let trust = try await Front.shared.value.trust
        let good = try target(kind, try await server(kind))
        let results = try await Self.place(kind) {
            let hole = try Self.hole(kind)
            let rig = try Rig(trust: Self.trust(trust))
            let lost = try target(kind, hole.address)
            let slot = rig.prober.add(lost, interval: .milliseconds(20), timeout: .milliseconds(200))
            try #require(rig.turn(while: { rig.prober.active < 2 }))
            rig.prober.remove(slot)
            // The number goes to another target while the probes of the first are under way.
            try #require(rig.prober.add(good, interval: .milliseconds(20), timeout: .seconds(30)) == slot)
            let end = Instant.now() + .milliseconds(250)
            try #require(rig.turn(while: { rig.results.count < 3 || Instant.now() < end }))
            rig.prober.remove(slot)
            try #require(rig.turn(while: { rig.prober.active > 0 }))
            try #require(rig.results.allSatisfy { $0.slot == slot })
            return rig.results.map(\.outcome)
        }
        #expect(results.allSatisfy { $0.isSuccess }, "\(results)")
    }

    /// The limit is one for all kinds together.
    @Test(arguments: zip(kinds + [.http, .large], kinds + [.tcp, .http]))
    func whatIsUnderWayIsBounded(kind: ProbeKind, other: ProbeKind) async throws {
        try await Self.place(kind) {
            let hole = try Self.hole(kind)
            let rig = try Rig()
            let otherHole = try Self.hole(other)
            let targets = [try target(kind, hole.address), try target(other, otherHole.address)]
            let slots = (0..<600).map {
                rig.prober.add(targets[$0 % 2], interval: .milliseconds(200), timeout: .milliseconds(1000))
            }
            try #require(rig.turn(while: { rig.skipped[.budget] == nil }))
            try #require(rig.prober.active == 512)
            for slot in slots { rig.prober.remove(slot) }
            try #require(rig.turn(while: { rig.prober.active > 0 }))
            try #require(rig.prober.http.idleCount <= 64)
        }
    }

    /// Own lateness is counted as such.
    @Test(arguments: kinds)
    func aLoopThatWasAwayBeatsOnce(kind: ProbeKind) async throws {
        let rig = try await rig()
        let target = try target(kind, try await server(kind))
        for _ in 0..<4 { _ = rig.prober.add(target, interval: .milliseconds(5), timeout: .seconds(30)) }
        let back = Instant.now() + .milliseconds(60)
        while Instant.now() < back {}
        rig.loop.turn(until: .now())
        #expect(rig.lags.count == 4)
        #expect(rig.lags.allSatisfy { $0 > .milliseconds(50) })
        #expect(rig.skipped[.late, default: 0] >= 4 * 10)
        #expect(rig.skipped[.budget] == nil)
        for slot in 0..<4 { rig.prober.remove(slot) }
        #expect(rig.turn(while: { rig.prober.active > 0 }))
    }

    /// A prober that goes takes its probes with it; the loop and the transfers stay.
    @Test(arguments: kinds)
    func aProberEndsWithProbesUnderWay(kind: ProbeKind) async throws {
        try await Self.place(kind) {
            let hole = try Self.hole(kind)
            let loop = try EventLoop()
            let transfers = Transfers(on: loop)
            let before = try #require(ProcessStatus.read()).openDescriptors
            do {
                let prober = Prober(mesh: "test", node: "own", userAgent: "", on: loop, transfers: transfers)
                prober.registerTests()
                let target = try target(kind, hole.address)
                for _ in 0..<20 { _ = prober.add(target, interval: .milliseconds(10), timeout: .milliseconds(100)) }
                while prober.active < 20 { loop.turn(until: .now() + .milliseconds(20)) }
            }
            try #require(transfers.activeCount == 0)
            try #require(try #require(ProcessStatus.read()).openDescriptors == before)
            let end = Instant.now() + .milliseconds(150)
            while Instant.now() < end { loop.turn(until: end) }
            withExtendedLifetime(hole) {}
        }
    }

    /// This machine's own shortage is no word about the network.
    @Test(arguments: kinds.map(\.rawValue))
    func noDescriptorsLeft(kind: String) async {
        await #expect(processExitsWith: .success) { [kind] in
            guard let kind = ProbeKind(rawValue: kind) else { exit(2) }
            let rig = try Rig()
            let port = try FreePort()
            _ = rig.prober.add(try target(kind, port.address), interval: .milliseconds(10), timeout: .seconds(30))
            var limit = rlimit(rlim_cur: 3, rlim_max: 3)
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(3) }
            guard rig.turn(while: { rig.results.isEmpty }) else { exit(4) }
            guard rig.results[0].outcome == .failure(.local) else { exit(5) }
            guard rig.results[0].detail.hasSuffix("Too many open files") else { exit(6) }
            exit(0)
        }
    }
}

/// The hole that is a rule of the network's.
private final class NoServer {}
