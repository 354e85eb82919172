import Mesh
import Reactor
import Support
import Testing

@testable import Probing

/// Probes over ICMP, answered by the kernel itself or stopped on their way.
@Suite(.enabled(if: LossyNetwork.isPermitted, "network namespaces need root"), .serialized)
struct ICMPProbeTests {
    @Test(arguments: ICMPNetwork.all) func theKernelAnswers(network: ICMPNetwork) async throws {
        try await network.run {
            let rig = try Rig()
            let slots = try [network.host, network.other, network.elsewhere].map {
                rig.prober.add(try icmpTarget($0), interval: .milliseconds(20), timeout: .seconds(30))
            }
            try #require(rig.turn(while: { slots.contains { rig.results(of: $0).count < 20 } }))
            for result in rig.results {
                guard case .success(let latency, nil) = result.outcome else { throw Unexpected("\(result)") }
                if latency <= 0 || latency > Duration.seconds(30).nanoseconds { throw Unexpected("\(latency)") }
            }
            // A raw socket brings the replies to others' requests, too, with the same sequence numbers.
            let others = try Rig()
            _ = others.prober.add(try icmpTarget(network.other), interval: .milliseconds(10), timeout: .seconds(30))
            try #require(
                rig.turn(while: {
                    others.loop.turn(until: .now())
                    return others.results.count < 20
                }))
            for rig in [rig, others] {
                try #require(rig.results.allSatisfy { $0.outcome.isSuccess })
                try #require(rig.unexpected.isEmpty)
            }
        }
    }

    @Test(arguments: ICMPNetwork.all) func nothingComesBack(network: ICMPNetwork) async throws {
        try await network.run {
            try LossyNetwork.lose("\(network.addressKey) daddr \(network.other)")
            let rig = try Rig()
            let lost = rig.prober.add(
                try icmpTarget(network.other), interval: .milliseconds(20), timeout: .milliseconds(100))
            let good = rig.prober.add(try icmpTarget(network.host), interval: .milliseconds(20), timeout: .seconds(30))
            let start = Instant.now()
            try #require(rig.turn(while: { rig.results(of: lost).isEmpty }))
            try #require(Instant.now() - start >= .milliseconds(100))
            try #require(rig.turn(while: { rig.results(of: lost).count < 10 || rig.results(of: good).count < 10 }))
            try #require(rig.results(of: lost).allSatisfy { $0.outcome == .failure(.timeout) })
            try #require(rig.results(of: good).allSatisfy { $0.outcome.isSuccess })
        }
    }

    /// What the network says ends the probe that it is about, at once, and no other on the same socket.
    @Test(arguments: [
        (IPFamily.ipv4, "net-unreachable"), (.ipv4, "host-unreachable"), (.ipv4, "prot-unreachable"),
        (.ipv4, "port-unreachable"), (.ipv4, "net-prohibited"), (.ipv4, "host-prohibited"), (.ipv4, "admin-prohibited"),
        (.ipv6, "no-route"), (.ipv6, "admin-prohibited"), (.ipv6, "addr-unreachable"), (.ipv6, "port-unreachable"),
    ])
    func theNetworkSaysNo(family: IPFamily, type: String) async throws {
        for network in ICMPNetwork.all where network.family == family {
            try await network.run {
                let version = family == .ipv4 ? "icmp" : "icmpv6"
                try LossyNetwork.tool(
                    "nft",
                    """
                    add table inet t; add chain inet t in { type filter hook input priority 0; };
                    add rule inet t in \(network.addressKey) daddr \(network.other) \(version) type echo-request \
                    reject with \(version) type \(type)
                    """)
                let rig = try Rig()
                let refused = rig.prober.add(
                    try icmpTarget(network.other), interval: .milliseconds(20), timeout: .seconds(60))
                let good = rig.prober.add(
                    try icmpTarget(network.host), interval: .milliseconds(20), timeout: .seconds(60))
                try #require(
                    rig.turn(while: { rig.results(of: refused).count < 10 || rig.results(of: good).count < 10 }))
                for result in rig.results(of: refused) where result.outcome != .failure(.unreachable) {
                    throw Unexpected("\(result)")
                }
                try #require(rig.results(of: good).allSatisfy { $0.outcome.isSuccess })
                try #require(rig.unexpected.isEmpty)
            }
        }
    }

    /// What this machine says to the one who sends.
    @Test(arguments: ICMPNetwork.all) func itCannotBeSent(network: ICMPNetwork) async throws {
        try await network.run {
            let nowhere = network.family == .ipv4 ? "192.0.2.1" : "2001:db8::1"
            try #require(try probe(icmpTarget(nowhere)).outcome == .failure(.unreachable))
            try LossyNetwork.tool(
                "nft",
                """
                add table inet t; add chain inet t out { type filter hook output priority 0; };
                add rule inet t out \(network.addressKey) daddr \(network.other) drop
                """)
            let result = try probe(icmpTarget(network.other), timeout: .seconds(1))
            // Of an IPv6 request from a datagram socket the kernel keeps this to itself (ping_v6_sendmsg).
            let isTold = network.kind == .raw || network.family == .ipv4
            if result.outcome != .failure(isTold ? .permission : .timeout) { throw Unexpected("\(result)") }
            if isTold, result.detail != "Operation not permitted" { throw Unexpected("\(result)") }
        }
    }

    /// Its own lateness is not the network's: the reply was there in time.
    @Test(arguments: ICMPNetwork.all) func aReplyThatWaitsInTheSocketCameInTime(network: ICMPNetwork) async throws {
        try await network.run {
            let rig = try Rig()
            _ = rig.prober.add(
                try icmpTarget(network.host), interval: .milliseconds(500), timeout: .milliseconds(300))
            // The kernel begins to take times a moment after it is first asked to: the first probe is to get that over
            // with.
            try #require(rig.turn(while: { rig.results.isEmpty }))
            try #require(rig.turn(while: { rig.lags.count < 2 }))
            let back = Instant.now() + .milliseconds(400)
            while Instant.now() < back {}
            try #require(rig.turn(while: { rig.results.count < 2 }))
            guard case .success(let latency, _) = rig.results[1].outcome else { throw Unexpected("\(rig.results)") }
            try #require(latency < Duration.milliseconds(300).nanoseconds)
            try #require(rig.unexpected.isEmpty)
        }
    }

    /// Removed from within what the observer is told, while others on the same socket are refused.
    @Test(arguments: ICMPNetwork.all) func targetsComeAndGo(network: ICMPNetwork) async throws {
        try await network.run {
            try LossyNetwork.lose("\(network.addressKey) daddr \(network.other)")
            try LossyNetwork.tool(
                "nft",
                """
                add table inet t; add chain inet t in { type filter hook input priority 0; };
                add rule inet t in \(network.addressKey) daddr \(network.elsewhere) reject
                """)
            let rig = try Rig()
            let targets = try [network.other, network.host, network.elsewhere].map { try icmpTarget($0) }
            var added = 0
            var slots: Set<Int> = []
            func addNext() {
                let next = targets[added % targets.count]
                added += 1
                slots.insert(rig.prober.add(next, interval: .milliseconds(10), timeout: .milliseconds(60)))
            }
            rig.whenProbed = { slot in
                rig.prober.remove(slot)
                slots.remove(slot)
                addNext()
            }
            for _ in 0..<7 { addNext() }
            try #require(rig.turn(while: { rig.results.count < 200 }))
            rig.whenProbed = { _ in }
            for slot in slots { rig.prober.remove(slot) }
            let done = rig.results.count
            let slot = rig.prober.add(targets[1], interval: .milliseconds(20), timeout: .seconds(30))
            try #require(rig.turn(while: { rig.results.count < done + 5 }))
            try #require(rig.results[done...].allSatisfy { $0.slot == slot && $0.outcome.isSuccess })
            try #require(rig.unexpected[.foreign] == nil)
        }
    }
}

/// What a test has seen and not expected, thrown from a thread that is not the test's own.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
