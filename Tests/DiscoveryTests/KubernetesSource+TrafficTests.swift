import Mesh
import Support
import Testing

@testable import Discovery

extension Exchange {
    /// The request's head as it came over the wire; there is no body.
    fileprivate var requestBytes: Int {
        "\(request.method) \(request.target) HTTP/1.1\r\n\(request.headers.text)\r\n".utf8.count
    }
}

/// What discovery costs the network and the API server at 5,000 peers.
struct KubernetesSourceTrafficTests {
    private let api: RecordedAPI
    private let watch: Watch

    init() throws {
        api = try RecordedAPI(serving: fiveThousandNodes)
        watch = try Watch(api, service: "heartmesh-headless")
        #expect(try watch.next().topology?.peers.count == 5000)
    }

    /// Bytes between the client and the server during a look, in both directions.
    private func bytes() -> Int {
        defer { api.forgetExchanges() }
        return api.exchanges.map { $0.requestBytes + $0.sentBytes }.reduce(0, +)
    }

    /// At most 30 KB a minute when nothing happens: the design's budget, with the shortest interval that the jitter gives.
    @Test func theListOnceAndThenVersions() throws {
        // The recorded server sends 416 KB for 2.7 MB; its gzip is not quite the same as ours.
        #expect(try Recording(fiveThousandNodes).body.count == 2_713_141)
        #expect(api.exchanges.map(\.isCompressed) == [true])
        let sent = api.exchanges[0].sentBytes
        #expect(sent > 350_000 && sent < 500_000)
        expectCounted()
        _ = bytes()
        let interval = KubernetesSource.Settings(namespace: "", service: "", node: "", userAgent: "").interval
        #expect(interval == .seconds(60))
        for _ in 0..<3 {
            #expect(try watch.next() == .confirmed)
            #expect(api.asked == ["versions"])
            #expect(api.exchanges[0].isCompressed)
            // 6,844 bytes of body, as they were recorded, for 137 KB.
            let received = try #require(watch.witness.receivedBytes.last)
            #expect(received > 6844 && received < 7500)
            #expect(Double(bytes()) * (.seconds(60) / (interval * 0.9)) < 30_000)
        }
    }

    /// One pod that is replaced changes two slices of 27 KB. A rollout changes all of them: then the compressed list is
    /// the cheaper one.
    @Test func changesCostWhatTheyMust() throws {
        _ = bytes()
        try api.change { try $0.setConditions(.notReady, ofNode: "node-02500") }
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        #expect(api.asked.count == 3)
        expectCounted(skipping: 1)
        #expect(bytes() < 70_000)
        try api.change { try $0.setPort(named: "http", to: 8901) }
        #expect(try watch.next().topology?.peers.allSatisfy { $0.port == 8901 } == true)
        #expect(api.asked == ["versions", "list"])
        #expect(bytes() < 500_000)
    }

    /// With all else that there is: Services, Ingresses, 16 watched nodes and their pods.
    @Test(arguments: [false, true]) func aQuietMinuteWithEverything(isLarge: Bool) throws {
        try serveAllElse(isLarge: isLarge)
        let nodes = (1...16).map { "node-000\($0 < 10 ? "0" : "")\($0)" }
        _ = bytes()
        let watch = try Watch(api, service: "heartmesh-headless", resolver: Resolver()) {
            $0.resources = [.services, .ingresses, .nodes, .pods]
            $0.interval = .milliseconds(100)
        }
        watch.witness.onTopology = { [unowned watch] _ in watch.source?.watch(nodes) }
        try watch.topology { $0["node-00016"]?.nodeAddresses.count == 2 }
        let first = bytes()
        // Until what the start has cost is evened out.
        try watch.successes(10, of: .services)
        _ = bytes()
        try watch.successes(50, of: .services)
        let looks = api.exchanges.count { $0.request.path.hasSuffix("/services") }
        let objects = api.exchanges.count { $0.request.path.contains("/nodes/") || $0.request.path.contains("/pods/") }
        let perLook = bytes() / looks
        let perMinute = Double(perLook) / 0.9
        print("start \(first) bytes, \(looks) looks of \(perLook) bytes with \(objects) objects read again")
        #expect(looks >= 38 && objects > looks / 3)
        #expect(perMinute < 30_000)
    }

    /// What leads to the peers: Services, Ingresses, nodes and pods.
    private func serveAllElse(isLarge: Bool) throws {
        for name in ["nodes", "pods-selected", "services-selected", "ingresses"] {
            try api.serve(list: "100/list/\(name).json") { list in
                // What a chart installs: one Service of each kind, an Ingress.
                let kept = ["heartmesh", "heartmesh-headless", "heartmesh-v6", "heartmesh-lb", "heartmesh-nodeport"]
                if name == "services-selected" { try list.keep { kept.contains($0.name) } }
                if name == "ingresses" { try list.keep { kept.contains($0.name) } }
                // Real Nodes have up to 50 images, and a dozen labels more.
                guard isLarge, name == "nodes" else { return }
                for node in list.objects.prefix(20).map(\.name) {
                    try list.edit(node) {
                        let images = String(repeating: #"{"names":["registry.example/x@sha256:0"]},"#, count: 350)
                        $0 = Array(
                            String(decoding: $0, as: UTF8.self).replacing(#""images":["#, with: #""images":["# + images)
                                .utf8)
                    }
                }
            }
        }
    }

    /// Three more of each slice, with names, UIDs and nodes of their own: what a cluster of 20,000 nodes would have.
    private func growFourfold() throws {
        var generator = SeededGenerator(seed: 20_000)
        func text(_ alphabet: String, _ count: Int) -> String {
            String((0..<count).map { _ in alphabet.randomElement(using: &generator)! })
        }
        let slices = try #require(api.endpointSlices?.objects)
        try api.change { list in
            for slice in slices {
                let start = try #require(slice.text.firstRange(of: #""uid":""#)).upperBound
                let uid = String(slice.text[start...].prefix(36))
                for part in 1...3 {
                    let name = "heartmesh-headless-" + text("bcdfghjklmnpqrstvwxz2456789", 5)
                    let parts = [8, 4, 4, 4, 12].map { text("0123456789abcdef", $0) }
                    try list.add(
                        like: slice.name,
                        replacing: [
                            (slice.name, name), (uid, parts.joined(separator: "-")),
                            (#""nodeName":"node-0"#, #""nodeName":"node-\#(part)"#),
                        ])
                }
            }
        }
    }

    /// At most 150 KB a minute at any size. The list of versions grows by some 130 bytes for each hundred peers, nothing
    /// else does.
    @Test func aQuietMinuteOfTwentyThousandPeers() throws {
        try serveAllElse(isLarge: true)
        try growFourfold()
        let watch = try Watch(api, service: "heartmesh-headless", resolver: Resolver()) {
            $0.resources = [.services, .ingresses, .nodes, .pods]
            $0.interval = .milliseconds(100)
        }
        watch.witness.onTopology = { [unowned watch] in
            #expect($0.peers.count == 20_000)
            watch.source?.watch((1...16).map { "node-000\($0 < 10 ? "0" : "")\($0)" })
        }
        try watch.topology { $0["node-00016"]?.nodeAddresses.count == 2 }
        try watch.successes(10, of: .services)
        _ = bytes()
        try watch.successes(25, of: .services)
        // The two look independently of each other, and on a slow machine not equally often.
        let exchanges = api.exchanges
        func perLook(_ path: String, _ isMeant: (Exchange) -> Bool) throws -> Int {
            let looks = exchanges.count { $0.request.path.hasSuffix(path) }
            try #require(looks > 3)
            return exchanges.filter(isMeant).map { $0.requestBytes + $0.sentBytes }.reduce(0, +) / looks
        }
        let peers = try perLook("/endpointslices") { $0.request.path.contains("/endpointslices") }
        let rest = try perLook("/services") { !$0.request.path.contains("/endpointslices") }
        let perMinute = Double(peers + rest) / 0.9
        print("20,000 peers: \(peers) bytes a look for them and \(rest) for the rest: \(Int(perMinute)) a minute")
        #expect(peers > 20_000 && perMinute < 150_000)
    }

    /// What was told of the bytes is what the server has sent, but for the framing of chunks.
    ///
    /// - Parameter forgotten: Answers from before `bytes()`.
    private func expectCounted(skipping forgotten: Int = 0) {
        for (sent, told) in zip(api.exchanges.map(\.sentBytes), watch.witness.receivedBytes.dropFirst(forgotten)) {
            #expect(told <= sent && told > sent - sent / 200 - 40)
        }
    }
}
