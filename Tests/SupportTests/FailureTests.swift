import Foundation
import Support
import Testing

struct FailureTests {
    private let api: RecordedAPI
    private let whole: Recording
    private let url: String

    init() throws {
        api = try RecordedAPI()
        whole = try Recording("3/list/endpointslices-of-service.json")
        try api.serve(endpointSlices: whole.path)
        url = api.url + "/apis/discovery.k8s.io/v1/namespaces/heartmesh/endpointslices"
    }

    /// The list is served again: what failed has healed.
    private func expectHealed() async throws {
        #expect(try await HTTPGet.fetch(url).body == whole.body)
    }

    @Test(arguments: [
        (Failure.unauthorized, "3/errors/401-bad-token.json"), (.forbidden, "3/errors/403-list-pods.json"),
        (.starting, "3/errors/starting-kill-1-403.json"), (.gone, "3/errors/410-list-exact.json"),
        (.tooManyRequests(), "3/errors/429-list.json"), (.serverError, "3/errors/500-watch-resource-version.json"),
        (.gatewayTimeout, "3/errors/504-list-future-version.json"),
    ])
    func statusesAreTheRecordedAnswers(failure: Failure, path: String) async throws {
        api.fail(failure, next: 1)
        let recording = try Recording(path)
        let response = try await HTTPGet.fetch(url)
        #expect(response.body == recording.body)
        #expect(response.headers == recording.headers)
        #expect(response.statusLine == recording.statusLine)
        try await expectHealed()
        #expect(api.exchanges.map(\.status) == [response.status, 200])
    }

    @Test func retryAfterIsAsToldOrAsRecorded() async throws {
        api.fail(.tooManyRequests(retryAfter: 7), next: 1)
        api.fail(.tooManyRequests(), next: 1)
        #expect(try await HTTPGet.fetch(url).headers["Retry-After"] == "7")
        #expect(try await HTTPGet.fetch(url).headers["Retry-After"] == "1")
    }

    @Test func ordersAreASequenceAndMeanTheirRequestsOnly() async throws {
        api.fail(.serverError, next: 1) { $0.path.hasSuffix("/other") }
        api.fail(.unauthorized, next: 2)
        api.fail(.forbidden)
        var statuses: [Int] = []
        for path in ["", "", "", "/other", "", ""] { statuses.append(try await HTTPGet.fetch(url + path).status) }
        #expect(statuses == [401, 401, 403, 500, 403, 403])
        try api.heal()
        try await expectHealed()
    }

    @Test func refusedUntilItHeals() async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        let connection = try Connection.open(to: api.address, deadline: deadline)
        try connection.write(ArraySlice("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        #expect(try !connection.read(until: deadline).isEmpty)
        api.refuse()
        #expect(try connection.read(until: deadline).isEmpty)
        await #expect(throws: HTTPGet.Failure.refused) { try await HTTPGet.fetch(url) }
        api.refuse()
        await #expect(throws: HTTPGet.Failure.refused) { try await HTTPGet.fetch(url) }
        let port = api.address
        try api.heal()
        #expect(api.address == port)
        try await expectHealed()
        #expect(api.exchanges.map(\.status) == [404, 200])
    }

    @Test func aResetComesAfterTheAcceptOrAfterTheRequest() async throws {
        api.fail(.reset, next: 1)
        await #expect(throws: HTTPGet.Failure.reset) { try await HTTPGet.fetch(url) }
        #expect(api.exchanges.isEmpty)
        try await expectHealed()
        api.fail(.reset, next: 1) { $0.method == "GET" }
        await #expect(throws: HTTPGet.Failure.reset) { try await HTTPGet.fetch(url) }
        #expect(api.exchanges.map(\.status) == [200, nil])
        try await expectHealed()
    }

    @Test func aConnectionInUseIsResetToo() async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        let connection = try Connection.open(to: api.address, deadline: deadline)
        try connection.write(ArraySlice("GET /a HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        #expect(try !connection.read(until: deadline).isEmpty)
        api.fail(.reset, next: 1)
        try connection.write(ArraySlice("GET /b HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        let error = #expect(throws: SocketError.self) { try connection.read(until: deadline) }
        #expect(error?.isReset == true)
    }

    @Test(arguments: [false, true])
    func halfOfTheBodyIsCutOff(isCompressed: Bool) async throws {
        if isCompressed { try api.serve(endpointSlices: "1000/list/endpointslices-of-service.json") }
        let headers: Headers = isCompressed ? ["Accept-Encoding": "gzip"] : [:]
        let size = try await HTTPGet.fetch(url, headers: headers).body.count
        api.fail(.halfBody, next: 1)
        let error = await #expect(throws: HTTPGet.Failure.self) { try await HTTPGet.fetch(url, headers: headers) }
        guard case .cutOff(let bytes) = error else { return }
        // The client counts whole chunks.
        #expect(bytes <= size / 2 + 1 && bytes > size / 2 - 2100)
        #expect(api.exchanges.map(\.status) == [200, 200])
        #expect(api.exchanges[1].sentBytes < api.exchanges[0].sentBytes * 2 / 3)
    }

    @Test func halfOfABodyWithContentLengthIsCutOff() async throws {
        api.fail(.halfBody, next: 1)
        await #expect(throws: HTTPGet.Failure.cutOff(bodyBytes: 9)) {
            try await HTTPGet.fetch(api.url + "/nothing")
        }
    }

    @Test func theBodyIsResetInTheMiddle() async throws {
        api.fail(.resetInBody, next: 1)
        await #expect(throws: HTTPGet.Failure.reset) { try await HTTPGet.fetch(url) }
        try await expectHealed()
    }

    @Test func invalidJSONIsWellFramed() async throws {
        api.fail(.invalidJSON, next: 1)
        let response = try await HTTPGet.fetch(url)
        #expect(response.status == 200)
        #expect(response.body.prefix(1000) == whole.body.prefix(1000))
        #expect(throws: (any Error).self) { try JSONSerialization.jsonObject(with: Data(response.body)) }
        try await expectHealed()
    }

    @Test func aHangAnswersNothing() async throws {
        api.fail(.hang, next: 1)
        await #expect(throws: HTTPGet.Failure.timeout) { try await HTTPGet.fetch(url, timeout: .milliseconds(500)) }
        #expect(api.exchanges.map(\.status) == [nil])
        #expect(api.exchanges.map(\.sentBytes) == [0])
        try await expectHealed()
    }

    @Test func aDripIsRightAndSlow() async throws {
        api.fail(.drip(bytes: 1000, every: .milliseconds(20)), next: 2)
        let start = ContinuousClock.now
        try await expectHealed()
        // 4,305 bytes and the chunk framing: five pieces.
        #expect(ContinuousClock.now - start >= .milliseconds(100))
        await #expect(throws: HTTPGet.Failure.timeout) { try await HTTPGet.fetch(url, timeout: .milliseconds(50)) }
    }

    @Test func stopEndsWhatHangs() async throws {
        api.fail(.hang)
        let hanging = Task { [url] in try await HTTPGet.fetch(url) }
        try await eventually(within: .seconds(5), "the request comes") { api.exchanges.count == 1 }
        api.stop()
        await #expect(throws: HTTPGet.Failure.cutOff(bodyBytes: 0)) { try await hanging.value }
        await #expect(throws: HTTPGet.Failure.refused) { try await HTTPGet.fetch(url) }
    }
}
