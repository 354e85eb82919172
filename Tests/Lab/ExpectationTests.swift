import Foundation
import Testing

/// The judge finds what it is there for. Needs neither root nor a cluster.
@Suite struct ExpectationTests {
    private let path = Path(channel: "pod", family: "ipv4", source: "node-a", target: "node-b")
    private let other = Path(channel: "pod", family: "ipv6", source: "node-a", target: "node-b")

    private func counts(
        _ probes: [Path: Double], failures: [Path: Double] = [:], reason: String = "timeout"
    ) -> Counts {
        var counts = Counts()
        counts.probes = probes
        counts.failures = failures
        for (path, count) in failures {
            counts.reasons[Origin(of: path), default: [:]][reason, default: 0] += count
            counts.failuresByOrigin[Origin(of: path), default: 0] += count
        }
        return counts
    }

    @Test func whatFitsIsNoProblem() {
        #expect(counts([path: 4, other: 4]).problems() == [])
        let broken = ["pod": Effect.around("b", to: .timeout, families: ["ipv4"])]
        #expect(counts([path: 4, other: 4], failures: [path: 4]).problems(under: broken) == [])
        #expect(counts([path: 4, other: 4], failures: [path: 1]).problems(under: ["pod": .all(.flapping)]) != [])
    }

    @Test func whatFailsAndShouldNotIsFound() {
        #expect(counts([path: 4], failures: [path: 1]).problems().count == 2)
    }

    @Test func whatShouldFailAndDoesNotIsFound() {
        let broken = ["pod": Effect.between("a", "b", .timeout)]
        #expect(counts([path: 4], failures: [path: 3]).problems(under: broken).count == 1)
        #expect(counts([path: 4]).problems(under: broken).count == 2)
    }

    @Test func anotherReasonIsFound() {
        let broken = ["pod": Effect.between("a", "b", .timeout)]
        #expect(counts([path: 4], failures: [path: 4], reason: "reset").problems(under: broken).count == 1)
    }

    @Test func sumsThatDifferAreFound() {
        var counts = counts([path: 4], failures: [path: 4])
        counts.failuresByOrigin[Origin(of: path)] = 3
        #expect(counts.problems(under: ["pod": .all(.timeout)]).count == 1)
    }

    @Test func theLoadBalancerOutsideHasAColumnOfItsOwn() {
        let inside = Path(channel: "load_balancer", family: "ipv4", source: "node-a", name: "heartmesh-lb")
        let outside = Path(channel: "load_balancer", family: "ipv4", source: "node-a", name: Path.outsideBalancer)
        let broken = ["load_balancer_outside": Effect.all(.timeout)]
        #expect(counts([inside: 4, outside: 4], failures: [outside: 4]).problems(under: broken) == [])
        #expect(counts([inside: 4, outside: 4], failures: [inside: 4]).problems(under: broken) != [])
    }

    @Test func whatFlapsMayStillFitAndWhatFailsMayNot() {
        #expect(!counts([path: 4]).isBeyondHope(under: ["pod": .all(.flapping)]))
        #expect(!counts([path: 4], failures: [path: 4]).isBeyondHope(under: ["pod": .all(.timeout)]))
        #expect(counts([path: 4], failures: [path: 3]).isBeyondHope(under: ["pod": .all(.timeout)]))
        #expect(counts([path: 4], failures: [path: 1]).isBeyondHope(under: [:]))
    }

    @Test func everyColumnOfARowIsInTheTable() {
        for row in FaultTable.rows { #expect(Set(row.effects.keys).isSubset(of: FaultTable.columns)) }
        let channels = Set(FaultTable.columns).subtracting(["pod_large", "pod_udp", "load_balancer_outside"])
        #expect(channels == Set(Probing.allChannels))
    }

    @Test func onlyWhatHasBeenCountedSinceThenCounts() {
        let start = counts([path: 4, other: 2], failures: [path: 1])
        let end = counts([path: 6, other: 2], failures: [path: 1])
        #expect(end.since(start).probes == [path: 2])
        #expect(end.since(start).failures.isEmpty && end.since(start).reasons.isEmpty)
    }

    @Test func anOutcomeOfUDPIsTakenOnce() throws {
        func listed(_ outcome: String, at time: Double) throws -> [(Node, [ListedTarget])] {
            let common = #""channel":"pod","state":"probed","target_node":"node-b","ip_family":"ipv4""#
            let last = #""last_outcome":"\#(outcome)","last_outcome_timestamp_seconds":\#(time)"#
            let targets = ["udp", "http"].map { #"{\#(common),"protocol":"\#($0)",\#(last)}"# }
            let document = #"{"data":{"targets":[\#(targets.joined(separator: ","))]}}"#
            return [(Node.named("a"), try ListedTarget.all(in: Array(document.utf8)))]
        }
        let path = Path(channel: "pod_udp", family: "ipv4", source: "node-a", target: "node-b")
        var outcomes = Outcomes(try listed("timeout", at: 1))
        #expect(Array(outcomes.paths) == [path])
        for (outcome, time) in [("timeout", 1.0), ("timeout", 2), ("timeout", 2), ("success", 3), ("success", 4)] {
            outcomes.add(try listed(outcome, at: time))
        }
        #expect(outcomes.counts.probes == [path: 3] && outcomes.counts.failures == [path: 1])
        #expect(outcomes.counts.reasons == [Origin(of: path): ["timeout": 1]])
        #expect(outcomes.counts.problems(under: ["pod_udp": .all(.flapping)]) == [])
    }

    @Test func theReadmeShowsTheTable() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("README.md")
        let readme = try String(contentsOf: file, encoding: .utf8)
        let shows = readme.contains(FaultTable.markdown)
        #expect(shows, "README.md should show:\n\(FaultTable.markdown)")
    }
}
