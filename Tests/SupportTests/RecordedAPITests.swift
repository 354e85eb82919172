import Foundation
import Support
import Testing

private let metadata: Headers = ["Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"]

struct RecordedAPITests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI()
    }

    private func get(_ target: String, _ headers: Headers = [:]) async throws -> HTTPResponse {
        try await HTTPGet.fetch(api.url + target, headers: headers)
    }

    private let slices = "/apis/discovery.k8s.io/v1/namespaces/heartmesh/endpointslices"

    private func of(_ service: String) -> String { "?labelSelector=kubernetes.io/service-name%3D\(service)" }

    @Test(arguments: [
        ("3/list/endpointslices-of-service.json", "heartmesh"),
        ("100/list/endpointslices-of-service.json", "heartmesh"),
        ("5000/endpointslices-of-service.json", "heartmesh-headless"),
    ])
    func theListIsTheRecordedOne(path: String, service: String) async throws {
        try api.serve(endpointSlices: path)
        let recording = try Recording(path)
        let response = try await get(slices + of(service) + "&resourceVersion=0")
        #expect(response.body == recording.body)
        #expect(response.statusLine == recording.statusLine)
        #expect(response.headers == recording.headers)
    }

    @Test func metadataAndOneSliceAreTheRecordedOnes() async throws {
        try api.serve(endpointSlices: "5000/endpointslices-of-service.json")
        let list = try await get(slices + of("heartmesh-headless"), metadata)
        #expect(try list.body == Recording("5000/endpointslices-metadata-only.json").body)
        let slice = try await get(slices + "/heartmesh-headless-2845r")
        #expect(try slice.body == Recording("5000/endpointslice.json").body)
    }

    @Test func compressedMetadataIsTheRecordedOneOnTheWire() async throws {
        try api.serve(endpointSlices: "5000/endpointslices-of-service.json")
        let recording = try Recording("5000/endpointslices-metadata-only-accept-gzip.bin")
        let response = try await get(slices, ["Accept-Encoding": "deflate, gzip", "Accept": metadata["Accept"] ?? ""])
        #expect(response.body == recording.body)
        #expect(response.headers == recording.headers)
        #expect(api.exchanges.map(\.isCompressed) == [true])
        #expect(api.exchanges[0].sentBytes > 6844 && api.exchanges[0].sentBytes < 7400)
    }

    @Test func onlyLargeAnswersAreCompressed() async throws {
        try api.serve(endpointSlices: "100/list/endpointslices-of-service.json")
        let small = try await get(slices, ["Accept-Encoding": "gzip"])
        #expect(try small.body == Recording("100/list/endpointslices-of-service.json").body)
        try api.serve(endpointSlices: "1000/list/endpointslices-of-service.json")
        let large = try await get(slices, ["Accept-Encoding": "gzip"])
        #expect(large.headers["Content-Encoding"] == "gzip")
        #expect(try Gzip.decompress(large.body) == Recording("1000/list/endpointslices-of-service.json").body)
        #expect(large.body.count < 100_000)
        #expect(large.body.prefix(10).elementsEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff]))
    }

    @Test func anotherServiceHasNoSlices() async throws {
        try api.serve(endpointSlices: "3/list/endpointslices-namespace.json")
        let one = try await get(slices + of("heartmesh"))
        #expect(try one.body == Recording("3/list/endpointslices-of-service.json").body)
        let none = try await get(slices + of("nothing"))
        #expect(
            none.text == #"{"kind":"EndpointSliceList","apiVersion":"discovery.k8s.io/v1","metadata":"#
                + "{\"resourceVersion\":\"351\"},\"items\":[]}\n")
        #expect(none.headers["Content-Length"] == "\(none.body.count)")
    }

    @Test func aSliceThatIsGoneIs404() async throws {
        try api.serve(endpointSlices: "3/list/endpointslices-of-service.json")
        try api.change { try $0.remove("heartmesh-4c7dw") }
        let response = try await get(slices + "/heartmesh-4c7dw")
        #expect(response.statusLine == "HTTP/1.1 404 Not Found")
        #expect(
            response.text == #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"#
                + #""endpointslices.discovery.k8s.io \"heartmesh-4c7dw\" not found","reason":"NotFound","#
                + #""details":{"name":"heartmesh-4c7dw","group":"discovery.k8s.io","kind":"endpointslices"},"#
                + "\"code\":404}\n")
        #expect(response.headers["Content-Length"] == "\(response.body.count)")
        let list = try await get(slices)
        #expect(!list.text.contains("heartmesh-4c7dw"))
    }

    @Test func changesAreSeenByTheNextRequest() async throws {
        try api.serve(endpointSlices: "3/list/endpointslices-of-service.json")
        try api.change { try $0.setConditions(.notReady, ofNode: "node-00002") }
        let list = try await get(slices, metadata)
        #expect(list.text.contains(#""resourceVersion":"352""#) && list.text.contains(#""resourceVersion":"353""#))
        let slice = try await get(slices + "/heartmesh-q5zfh")
        #expect(slice.text.contains(#"{"ready":false,"serving":false,"terminating":false}"#))
        #expect(api.endpointSlices?.resourceVersion == 353)
    }

    @Test func aRecordingAnswersTheRequestThatWasRecorded() async throws {
        try api.serve("3/list/pods-selected.json")
        try api.serve("3/list/pods-metadata-only.json")
        let target = "/api/v1/namespaces/heartmesh/pods?labelSelector=app.kubernetes.io/name%3Dheartmesh"
        #expect(try await get(target).body == Recording("3/list/pods-selected.json").body)
        #expect(try await get(target, metadata).body == Recording("3/list/pods-metadata-only.json").body)
        let other = try await get("/api/v1/namespaces/heartmesh/pods")
        #expect(try other.body == Recording("3/errors/404-unknown-group.txt").body)
        #expect(other.status == 404)
        try api.serve("3/list/pods-empty.json", for: Route(path: "/api/v1/pods", query: { $0["limit"] == "1" }))
        #expect(try await get("/api/v1/pods?limit=1").body == Recording("3/list/pods-empty.json").body)
    }

    @Test func credentialsAreChecked() async throws {
        try api.serve(endpointSlices: "3/list/endpointslices-of-service.json")
        api.require(token: "good")
        #expect(try await get(slices, ["Authorization": "Bearer good"]).status == 200)
        let bad = try await get(slices, ["Authorization": "Bearer bad"])
        #expect(try bad.body == Recording("3/errors/401-bad-token.json").body)
        #expect(bad.statusLine == "HTTP/1.1 401 Unauthorized")
        #expect(try await get(slices).status == 403)
        #expect(api.exchanges.map(\.status) == [200, 401, 403])
        #expect(api.exchanges.map { $0.request.headers["Authorization"] } == ["Bearer good", "Bearer bad", nil])
    }

    @Test func severalRequestsOnOneConnection() async throws {
        try api.serve(endpointSlices: "3/list/endpointslices-of-service.json")
        let deadline = ContinuousClock.now + .seconds(5)
        let connection = try Connection.open(to: api.address, deadline: deadline)
        let request = "GET \(slices)/heartmesh-4c7dw HTTP/1.1\r\nHost: x\r\nUser-Agent: heartmesh/1\r\n\r\n"
        // Two at once, the second in two pieces.
        try connection.write(ArraySlice((request + request.prefix(30)).utf8))
        try await eventually(within: .seconds(5), "the first request comes") { api.exchanges.count == 1 }
        try connection.write(ArraySlice(request.dropFirst(30).utf8))
        var text = ""
        while text.count(of: "\r\n0\r\n\r\n") < 2 {
            text += String(decoding: try connection.read(until: deadline), as: UTF8.self)
        }
        #expect(text.count(of: "HTTP/1.1 200 OK") == 2)
        #expect(api.exchanges.map(\.connection) == [1, 1])
        #expect(api.exchanges.map { $0.request.headers["user-agent"] } == ["heartmesh/1", "heartmesh/1"])
        #expect(api.exchanges[0].sentBytes * 2 == text.utf8.count)
    }
}
