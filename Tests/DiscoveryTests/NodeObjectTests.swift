import Documents
import Mesh
import Support
import Testing

@testable import Discovery

struct NodeObjectTests {
    @Test func theRecordedNode() throws {
        let node = try NodeObject(document: Recording("100/get/node.json").body)
        #expect(node.addresses == addresses("172.20.0.1", "fd00:20::1"))
        #expect(node.zone == "lab-1a")
        #expect(node.otherAddresses.isEmpty)
    }

    @Test func whatIsNoAddressIsSetApart() throws {
        let text =
            #"{"kind":"Node","metadata":{"name":"n"},"status":{"addresses":[{"type":"InternalIP","address":"x"},"#
            + #"{"type":"ExternalIP","address":"y"},{"type":"InternalIP","address":"10.0.0.1"}]}}"#
        let node = try NodeObject(document: Array(text.utf8))
        #expect(node.addresses == addresses("10.0.0.1") && node.otherAddresses == ["x"] && node.zone.isEmpty)
    }

    @Test(arguments: [
        "{}", #"{"kind":"Pod"}"#, #"{"kind":"Status","code":404}"#, #"{"kind":"Node","status":null}"#, "<html>",
    ])
    func otherDocumentsAreRefused(text: String) {
        #expect(throws: JSONError.self) { try NodeObject(document: Array(text.utf8)) }
    }

    @Test func aNodeCutAnywhereIsRefused() throws {
        let document = try Recording("100/get/node.json").body
        for end in 0..<document.count - 1 {
            #expect(throws: JSONError.self) { try NodeObject(document: Array(document[..<end])) }
        }
    }
}
