import Support
import Testing

/// One exporter, and an API server that fails in every way that real ones do, one after the other. The peers stay, the
/// metric says which failure it was, and the next good answer heals it.
@Suite struct KubernetesFailureTests {
    /// `reset` at the accept, and a reset in the body, are the same to the client as half a body: the answer was cut off.
    static let failures: [(failure: Failure, reason: String)] = [
        (.reset, "reset"), (.resetInBody, "reset"), (.halfBody, "reset"), (.unauthorized, "unauthorized"),
        (.forbidden, "forbidden"), (.starting, "forbidden"), (.gone, "gone"), (.tooManyRequests(), "throttled"),
        (.serverError, "server_error"), (.gatewayTimeout, "server_error"), (.invalidJSON, "invalid"),
        (.hang, "timeout"),
    ]

    @Test func eachIsCountedAndHealsAndThePeersStay() async throws {
        let api = try RecordedAPI()
        try api.serve(endpointSlices: "100/list/endpointslices-of-service.json")
        let folder = try TemporaryFolder()
        // The recorded addresses are nobody's here: they are not probed.
        try folder.write(
            """
            discovery: {interval: 1s, kubernetes: {namespace: heartmesh, service: heartmesh}}
            channels: {pod: {mode: off}, dns: {mode: off}}

            """, "heartmesh.yaml")
        try folder.write(
            """
            current-context: lab
            contexts: [{name: lab, context: {cluster: lab}}]
            clusters: [{name: lab, cluster: {server: "\(api.url)"}}]

            """, "kubeconfig")
        let web = try FreePort()
        let exporter = try Running(
            heartmeshBinary(),
            [
                "run", "--config.file=\(folder.path)/heartmesh.yaml", "--kubeconfig=\(folder.path)/kubeconfig",
                "--node.name=node-00000", "--web.listen-address=\(web.address)",
                "--responder.listen-address=127.0.0.1:0",
            ])
        func scrape() async throws -> Scrape { try await Scrape.from("http://\(web.address)/metrics") }
        // Of the other resources this server has no answers.
        let resource = "endpointslices"
        func failures(_ scrape: Scrape, _ reason: String) -> Double {
            scrape.sum("heartmesh_discovery_failures_total", ["resource": resource, "reason": reason])
        }
        func success(_ scrape: Scrape) -> Double {
            scrape.sum("heartmesh_discovery_last_success_timestamp_seconds", ["resource": resource])
        }
        let peers = try await eventually(within: .seconds(20), "the peers are found") {
            try await scrape().sum("heartmesh_peers")
        } until: {
            $0 > 90
        }
        let first = try await scrape()
        // All of them stand at 0 before one can be 1.
        let counters = first.samples("heartmesh_discovery_failures_total", ["resource": resource])
        #expect(counters.count >= 15 && counters.allSatisfy { $0.value == 0 })

        for (failure, reason) in Self.failures {
            let before = failures(try await scrape(), reason)
            api.fail(failure)
            let failed = try await eventually(within: .seconds(30), "\(failure) is counted as \(reason)") {
                try await scrape()
            } until: {
                failures($0, reason) > before
            }
            #expect(failed.sum("heartmesh_peers") == peers, "after \(failure)")
            try api.heal()
            let time = success(failed)
            let healed = try await eventually(within: .seconds(30), "\(failure) is healed") {
                try await scrape()
            } until: {
                success($0) > time
            }
            #expect(healed.sum("heartmesh_peers") == peers, "\(failure) healed")
        }
        #expect(exporter.exit == nil)
    }
}
