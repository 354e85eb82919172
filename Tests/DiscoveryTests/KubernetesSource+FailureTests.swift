import Mesh
import Reactor
import Support
import Testing

@testable import Discovery

/// Which of a look's requests fails.
private enum Step: String, CaseIterable {
    case firstList, versions, slice, list

    func matches(_ request: HTTPRequest) -> Bool {
        switch self {
        case .firstList, .list: request.path.hasSuffix("/endpointslices") && !request.isForVersions
        case .versions: request.isForVersions
        case .slice: !request.path.hasSuffix("/endpointslices")
        }
    }
}

private let failures: [(Failure, DiscoveryReason)] = [
    (.reset, .reset), (.resetInBody, .reset), (.halfBody, .reset), (.invalidJSON, .invalid), (.hang, .timeout),
    (.drip(bytes: 100, every: .milliseconds(100)), .timeout), (.unauthorized, .unauthorized), (.forbidden, .forbidden),
    (.starting, .forbidden), (.gone, .gone), (.tooManyRequests(retryAfter: 0), .throttled),
    (.serverError, .serverError),
]

struct KubernetesSourceFailureTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI(serving: threeNodes)
    }

    /// The known peers stay for as long as it fails, and the next good answer brings what has changed meanwhile.
    @Test(arguments: failures, Step.allCases)
    private func whateverFailsHeals(_ failure: (Failure, DiscoveryReason), step: Step) throws {
        let isSlow = failure.1 == .timeout
        let watch = try Watch(api) { if isSlow { $0.timeout = .milliseconds(250) } }
        if step != .firstList { try watch.next() }
        try api.change { try $0.setAddress("10.64.0.99", ofNode: "node-00000") }
        if step == .list { try api.change { try $0.setAddress("fd00:64::99", ofNode: "node-00000") } }
        api.fail(failure.0) { step.matches($0) }
        for _ in 0..<(isSlow ? 1 : 3) { #expect(try watch.next() == .failed(failure.1)) }
        try api.heal()
        var told = try watch.next()
        // On a loaded machine a good answer too may take longer than that timeout.
        for _ in 0..<20 where isSlow && told == .failed(.timeout) { told = try watch.next() }
        #expect(told == .discovered(try api.topology(), invalid: []))
        #expect(told.topology?["node-00000"]?.addresses.contains(addresses("10.64.0.99")[0]) == true)
    }

    @Test func aServerThatRefusesConnections() throws {
        let watch = try Watch(api)
        try watch.next()
        api.refuse()
        for _ in 0..<3 { #expect(try watch.next() == .failed(.refused)) }
        #expect(watch.witness.failures[0].description.contains("Connection refused"))
        #expect(watch.witness.receivedBytes.dropFirst().allSatisfy { $0 == 0 })
        try api.heal()
        #expect(try watch.next() == .confirmed)
    }

    /// A connection on which nothing comes any more is not waited on twice.
    @Test func afterATimeoutAnotherConnectionIsUsed() throws {
        let watch = try Watch(api) { $0.timeout = .milliseconds(250) }
        api.fail(.hang, next: 1)
        #expect(try watch.next() == .failed(.timeout))
        try watch.next()
        #expect(api.exchanges[0].connection != api.exchanges[1].connection)
    }

    /// A list that trickles in time is a good one.
    @Test func aSlowAnswerIsAnAnswer() throws {
        api.fail(.drip(bytes: 2000, every: .milliseconds(5)), next: 1)
        #expect(try Watch(api).next() == .discovered(try api.topology(), invalid: []))
    }

    @Test(arguments: [(Failure.tooManyRequests(), DiscoveryReason.throttled), (.gatewayTimeout, .serverError)])
    func whatTheServerAsksForIsWaitedInFull(failure: Failure, reason: DiscoveryReason) throws {
        api.fail(failure, next: 1)
        api.fail(.serverError, next: 1)
        let watch = try Watch(api)
        #expect(try watch.next() == .failed(reason))
        #expect(try watch.next() == .failed(.serverError))
        // One answer's wish is not the next one's.
        #expect(watch.witness.failures.map(\.retryAfter) == [.seconds(1), .zero])
        let times = api.exchanges.map(\.received)
        #expect(times[1] - times[0] >= .seconds(1))
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
    }

    @Test func theFailureSaysWhatTheServerSaid() throws {
        let watch = try Watch(api)
        api.fail(.forbidden, next: 1)
        api.fail(.tooManyRequests(retryAfter: 0), next: 1)
        api.fail(.halfBody, next: 1)
        for _ in 0..<3 { try watch.next() }
        let path = "/apis/discovery.k8s.io/v1/namespaces/heartmesh/endpointslices"
        let texts = watch.witness.failures.map(\.description)
        #expect(
            texts[0].hasPrefix(
                "EndpointSlices of heartmesh: list: status 403: pods is forbidden: User \"system:serviceacc"))
        #expect(
            texts[1] == "EndpointSlices of heartmesh: list: status 429: Too many requests, please try again later.")
        #expect(texts[2].hasPrefix("GET \(api.url)\(path)") && texts[2].contains("Transferred a partial file"))
    }

    /// A login page, a captive portal, a redirect: what answers is not the API server.
    @Test(arguments: [
        (
            StubServer.response(headers: ["Content-Type": "text/html"], body: "<!DOCTYPE html><title>Log in</title>"),
            DiscoveryReason.invalid
        ),
        (StubServer.response(body: ""), .invalid), (StubServer.response(body: "{}"), .invalid),
        (StubServer.response(body: #"{"kind":"EndpointSliceList","metadata":{}}"#), .invalid),
        (StubServer.response(status: 302, headers: ["Location": "http://127.0.0.1:1/"]), .status),
        (StubServer.response(status: 204, reason: "No Content"), .status),
        (StubServer.response(status: 404), .notFound),
        (StubServer.response(status: 418, body: "teapot"), .status), (Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), .protocol),
        (Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n{\"a\"".utf8), .protocol),
    ])
    func whatIsNoAPIServer(answer: [UInt8], reason: DiscoveryReason) throws {
        let server = try StubServer(answer: answer)
        let watch = try Watch(APIServer(url: server.url))
        for _ in 0..<2 { #expect(try watch.next() == .failed(reason)) }
        #expect(server.requests.count == 2)
    }
}
