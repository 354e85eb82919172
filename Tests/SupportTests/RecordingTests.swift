import Foundation
import Support
import Testing

struct RecordingTests {
    @Test func statusLineAndHeadersComeFromTheTables() throws {
        let recording = try Recording("3/errors/429-list.json")
        #expect(recording.statusLine == "HTTP/1.1 429 Too Many Requests")
        #expect(recording.headers["retry-after"] == "1")
        #expect(recording.headers["Content-Length"] == "43")
        #expect(recording.text == "Too many requests, please try again later.\n")
        #expect(recording.headers.fields.map(\.name).first == "Audit-Id")
        #expect(recording.answer.status == 429)
    }

    @Test func filesThatWereCompressedAfterRecordingArePlain() throws {
        let recording = try Recording("1000/list/endpointslices-of-service.json")
        #expect(recording.body.count == 539_331)
        #expect(recording.headers["Transfer-Encoding"] == "chunked")
        #expect(try Recording("1000/list/endpointslices-of-service.json.gz") == recording)
    }

    @Test func answersWithoutTablesTakeTheHeadOfTheirFolder() throws {
        let compressed = try Recording("5000/endpointslices-metadata-only-accept-gzip.bin")
        #expect(compressed.headers["Content-Encoding"] == "gzip")
        #expect(compressed.headers["Vary"] == "Accept-Encoding")
        let plain = try Recording("5000/endpointslices-metadata-only.json")
        #expect(plain.headers["Content-Encoding"] == nil)
        #expect(plain.headers["Content-Type"] == "application/json")
        #expect(try Gzip.decompress(compressed.body) == plain.body)
    }

    @Test func aMissingFileIsAnErrorThatNamesIt() {
        #expect(performing: { try Recording("3/list/nothing.json") }, throws: { _ in true })
        #expect(throws: (any Error).self) { try Recording("3/nothing") }
    }

    /// An answer is framed as Go's server framed it when it was recorded.
    @Test(arguments: [
        "3/list/endpointslices-of-service.json", "3/list/endpointslices-kubernetes.json",
        "3/errors/401-bad-token.json", "3/errors/410-continue-next.json", "100/list/endpointslices-of-service.json",
    ])
    func framingFollowsTheRecordedRule(path: String) throws {
        let recorded = try Recording(path).answer
        var answer = recorded
        answer.frame()
        #expect(answer == recorded)
    }
}
