import Foundation
import Support
import Testing

/// Faults that end all probes of one kind, and no other.
extension Lab.ProtocolTests {
    @Test(arguments: [Fault.Way.both, .towards, .from])
    func aBlackHoleForLargePacketsFailsLargePayloadsAlone(way: Fault.Way) async throws {
        let start = try await cluster.scrapes()
        let logs = cluster.logs
        try await cluster.during(.largePacketsDropped("b", way)) {
            try await cluster.settle()
            let problems = try await problemsOfNewOutcomes { source, target in
                let isOnLink = target.channel == "pod" && (source == "b" || target.node == "node-b")
                return isOnLink && target.payload == "large" ? "timeout" : "success"
            }
            #expect(problems == [])
            let scrapes = try await cluster.scrapes().since(start)
            expectNothingElsewhere(scrapes, since: logs)
            let failures = "heartmesh_probe_failures_total"
            #expect(scrapes.sum(scrapes.letters, failures, ["payload": "small"]) == 0)
            #expect(scrapes.sum(scrapes.letters, failures, ["channel": "multus"]) == 0)
            for letter in scrapes.letters {
                #expect(scrapes.sum(letter, failures, ["channel": "pod", "payload": "large"]) > 0, "\(letter)")
            }
        }
        try await cluster.settle()
        let problems = try await problemsOfNewOutcomes { _, _ in "success" }
        #expect(problems == [])
    }

    @Test func whoeverCanNotBePingedIsStillReached() async throws {
        let start = try await cluster.scrapes()
        let logs = cluster.logs
        try await cluster.during(.pingsDropped("b")) {
            try await cluster.settle()
            let problems = try await problemsOfNewOutcomes { source, target in
                let isOnLink = source == "b" || target.node == "node-b"
                return isOnLink && target.probe == "icmp" ? "timeout" : "success"
            }
            #expect(problems == [])
            let scrapes = try await cluster.scrapes().since(start)
            expectNothingElsewhere(scrapes, since: logs)
            let failures = "heartmesh_probe_failures_total"
            for kind in Self.kinds {
                for letter in scrapes.letters {
                    let hasFailed = scrapes.sum(letter, failures, kind) > 0
                    #expect(hasFailed == (kind["protocol"] == "icmp"), "\(letter): \(kind)")
                }
            }
        }
        try await cluster.settle()
        let problems = try await problemsOfNewOutcomes { _, _ in "success" }
        #expect(problems == [])
    }

    /// Of each target's latest probe, once all have ended after now.
    ///
    /// - Parameter expected: What has come of a target's probes, by the letter of their source.
    /// - Returns: What does not fit.
    private func problemsOfNewOutcomes(
        _ expected: (_ source: String, ListedTarget) -> String
    ) async throws -> [String] {
        let now = Date().timeIntervalSince1970
        var problems: [String] = []
        for exporter in cluster.exporters {
            let targets = try await eventually(within: .seconds(60), "\(exporter.node.name) probes all anew") {
                try await exporter.targets()
            } until: { targets in
                targets.allSatisfy { $0.time ?? 0 > now }
            }
            #expect(targets.count == 6 * Self.kinds.count)
            for target in targets {
                let outcome = expected(exporter.node.letter, target)
                if target.outcome == outcome { continue }
                problems.append("\(exporter.node.letter) → \(target), expected: \(outcome)")
            }
        }
        return problems
    }
}
