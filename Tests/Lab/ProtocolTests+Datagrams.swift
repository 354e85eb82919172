import Support
import Testing

extension Lab.ProtocolTests {
    private static let others = ["a", "c", "d"]

    /// Whose requests get lost hears so while it lasts, in the requests of the one whose replies get lost. That one hears
    /// nothing before the way is free again.
    @Test(arguments: [Fault.lossTowards("b"), .lossFrom("b")])
    func aLostRequestIsToldFromALostReply(fault: Fault) async throws {
        let (askers, repliers) = fault == .lossTowards("b") ? (Self.others, ["b"]) : (["b"], Self.others)
        // Of a flow that has never been heard of nothing is told: each of the six targets has five answers before.
        let before = try await cluster.scrapes()
        _ = try await eventually(within: .seconds(60), "all have heard of all flows") {
            try await cluster.scrapes().since(before)
        } until: { scrapes in
            scrapes.letters.allSatisfy { scrapes.udpProbes($0) - scrapes.udpFailures($0) >= 6 * 5 }
        }
        let start = try await cluster.scrapes()
        let logs = cluster.logs
        try await cluster.during(fault) {
            let scrapes = try await eventually(within: .seconds(60), "\(askers) know of lost requests") {
                try await cluster.scrapes().since(start)
            } until: { scrapes in
                askers.allSatisfy { scrapes.lostRequests($0) >= 10 }
            }
            #expect(scrapes.letters.allSatisfy { scrapes.lostReplies($0) == 0 }, "\(scrapes)")
            #expect(repliers.allSatisfy { scrapes.lostRequests($0) == 0 }, "\(scrapes)")
        }
        // A window is 64 probes of a target, some 13 s: it may be that not all that the repliers lost is still known.
        let scrapes = try await eventually(within: .seconds(60), "\(repliers) know of lost replies, and all is told") {
            try await cluster.scrapes().since(start)
        } until: { scrapes in
            repliers.allSatisfy { scrapes.lostReplies($0) >= 10 }
                && askers.allSatisfy { scrapes.lostRequests($0) == scrapes.udpFailures($0) }
        }
        #expect(askers.allSatisfy { scrapes.lostReplies($0) == 0 }, "\(scrapes)")
        #expect(repliers.allSatisfy { scrapes.lostRequests($0) == 0 }, "\(scrapes)")
        #expect(repliers.allSatisfy { scrapes.lostReplies($0) <= scrapes.udpFailures($0) }, "\(scrapes)")
        for kind in ["late", "duplicate", "foreign"] {
            #expect(scrapes.letters.allSatisfy { scrapes.unexpected($0, kind) == 0 }, "\(scrapes)")
        }
        expectNothingElsewhere(scrapes, since: logs)
        try await cluster.settle()
    }

    /// Requests to b and replies to it come twice: b's probes get each reply twice, those of the others two replies of b.
    @Test func aSecondReplyIsNoSecondSuccess() async throws {
        let start = try await cluster.scrapes()
        let logs = cluster.logs
        try await cluster.during(.datagramsDoubled("b")) {
            _ = try await eventually(within: .seconds(60), "all get replies twice") {
                try await cluster.scrapes().since(start)
            } until: { scrapes in
                scrapes.unexpected("b", "duplicate") >= 300
                    && Self.others.allSatisfy { scrapes.unexpected($0, "duplicate") >= 100 }
            }
        }
        try await cluster.settle()
        let scrapes = try await cluster.scrapes().since(start)
        expectNothingElsewhere(scrapes, since: logs)
        for letter in scrapes.letters {
            #expect(scrapes.sum(letter, "heartmesh_probe_failures_total") == 0, "\(letter)")
            #expect(scrapes.unexpected(letter, "late") == 0 && scrapes.unexpected(letter, "foreign") == 0, "\(scrapes)")
            #expect(scrapes.lostRequests(letter) + scrapes.lostReplies(letter) == 0, "\(scrapes)")
            // Each probe has one outcome; at both moments some are under way, of each target one at most.
            let started = scrapes.sum(letter, "heartmesh_scheduler_lag_seconds_count")
            let ended = scrapes.sum(letter, "heartmesh_probes_total")
            #expect(abs(started - ended) <= 6 * Self.kinds.count, "\(letter): \(started) started, \(ended) ended")
            #expect(scrapes.unexpected(letter, "duplicate") <= scrapes.udpProbes(letter), "\(scrapes)")
        }
    }

    /// The process of pod b stands still for longer than the timeout. What has come to it meanwhile is answered then.
    @Test func aReplyAfterTheTimeoutIsNoSuccess() async throws {
        let logs = cluster.logs
        cluster["b"].suspend()
        defer { cluster["b"].resume() }
        let start = try await cluster.scrapes(of: Self.others)
        let scrapes = try await eventually(within: .seconds(60), "probes of b time out") {
            try await cluster.scrapes(of: Self.others).since(start)
        } until: { scrapes in
            Self.others.allSatisfy { scrapes.udpFailures($0) >= 4 }
        }
        // In b's zone there is no other that a probes.
        let ofB = ["protocol": "udp", "target_zone": Node.named("b").zone]
        #expect(scrapes.sum("a", "heartmesh_probes_total", ofB) == scrapes.udpFailures("a"), "\(scrapes)")
        cluster["b"].resume()
        let all = try await eventually(within: .seconds(60), "the replies come late") {
            try await cluster.scrapes(of: Self.others).since(start)
        } until: { scrapes in
            Self.others.allSatisfy { scrapes.unexpected($0, "late") == scrapes.udpFailures($0) }
        }
        for letter in Self.others {
            #expect(all.lostRequests(letter) + all.lostReplies(letter) == 0, "\(all)")
            #expect(all.unexpected(letter, "duplicate") == 0, "\(all)")
        }
        expectNothingElsewhere(all, since: logs)
        try await cluster.settle()
    }
}
