import Documents
import Mesh
import Support
import Testing

@testable import Discovery

private let key = "k8s.v1.cni.cncf.io/network-status"
private let oldKey = "k8s.v1.cni.cncf.io/networks-status"

/// A Pod with annotations, of which each value is a JSON text in a JSON string.
private func pod(_ annotations: [String: String]) throws -> PodObject {
    let members = annotations.map { key, value in
        let escaped = value.replacing(#"\"#, with: #"\\"#).replacing("\"", with: #"\""#).replacing("\n", with: #"\n"#)
        return #""\#(key)":"\#(escaped)""#
    }
    let text = #"{"kind":"Pod","metadata":{"name":"p","annotations":{\#(members.joined(separator: ","))}}}"#
    return try PodObject(document: Array(text.utf8))
}

private func line(_ network: NetworkAddress) -> String { "\(network.network) \(network.address)" }

struct PodObjectTests {
    @Test func theRecordedPod() throws {
        let pod = try PodObject(document: Recording("100/get/pod.json").body)
        #expect(
            pod.networks.map(line) == [
                "heartmesh/storage-net 172.28.0.1", "heartmesh/storage-net fd00:28::1",
                "heartmesh/rdma-net 192.168.0.1",
            ])
        #expect(pod.complaint == nil)
    }

    /// Trap 5: both keys; the new one wins.
    @Test func bothKeys() throws {
        let old = #"[{"name":"old","ips":["192.0.2.1"]}]"#
        let new = #"[{"name":"new","ips":["192.0.2.2"]}]"#
        #expect(try pod([oldKey: old]).networks.map(line) == ["old 192.0.2.1"])
        #expect(try pod([key: new]).networks.map(line) == ["new 192.0.2.2"])
        #expect(try pod([oldKey: old, key: new]).networks.map(line) == ["new 192.0.2.2"])
        #expect(try pod([oldKey: old, key: "[]"]).networks.isEmpty)
        #expect(try pod(["k8s.v1.cni.cncf.io/networks": "heartmesh/storage-net"]) == PodObject())
    }

    @Test(arguments: [
        ("[]", []), ("null", []), (" [ ]\n", []), (#"[{"name":"n"}]"#, []), (#"[{"name":"n","ips":null}]"#, []),
        (#"[{"name":"n","ips":["10.0.0.1"],"default":true}]"#, []),
        (#"[{"name":"n","ips":["10.0.0.1"],"default":false}]"#, ["n 10.0.0.1"]),
        (#"[{"name":"n","ips":["10.0.0.1"],"default":null}]"#, ["n 10.0.0.1"]),
        (
            #"[{"ips":["10.0.0.1","fd00::1"],"name":"a","interface":"net1"},{"name":"b","ips":["10.0.1.1"]}]"#,
            ["a 10.0.0.1", "a fd00::1", "b 10.0.1.1"]
        ),
        (
            #"[{"name":"n","ips":["10.0.0.1"],"dns":{"nameservers":["x"]},"gateway":["\u0031"],"mtu":9000}]"#,
            ["n 10.0.0.1"]
        ),
        // Two interfaces in one network.
        (#"[{"name":"n","ips":["10.0.0.1"]},{"name":"n","ips":["10.0.0.2"]}]"#, ["n 10.0.0.1", "n 10.0.0.2"]),
    ])
    func annotationsThatAreGood(text: String, expected: [String]) throws {
        let pod = try pod([key: text])
        #expect(pod.networks.map(line) == expected)
        #expect(pod.complaint == nil)
    }

    /// Trap 19: one text, and no more than that.
    @Test(arguments: [
        ("", [], "byte 0: the document ends too early"), ("x", [], "byte 0: \"[\" is expected"),
        ("{}", [], "byte 0: \"[\" is expected"), ("[{}", [], "byte 3: the document ends too early"),
        (#"[{"name":"n","ips":["10.0.0.1"]},"#, [], "byte 33: the document ends too early"),
        (#"[{"name":"n","ips":["10.0.0.1"]}] x"#, [], "byte 34: something follows the document"),
        (#"[{"name":"n","ips":"10.0.0.1"}]"#, [], "byte 19: \"[\" is expected"),
        (#"[{"name":"n","default":"true"}]"#, [], "byte 23: true or false is expected"),
        (#"[{"name":"n","ips":["10.0.0.1/24","10.0.0.2"]}]"#, ["n 10.0.0.2"], #""10.0.0.1/24" is not an IP address"#),
        (
            #"[{"ips":["10.0.0.1"]},{"name":"n","ips":["x","y"]}]"#, [],
            #"10.0.0.1 is in a network without a name, "x" is not an IP address, "y" is not an IP address"#
        ),
    ])
    func annotationsThatAreBad(text: String, expected: [String], complaint: String) throws {
        let pod = try pod([key: text])
        #expect(pod.networks.map(line) == expected)
        #expect(pod.complaint == "annotation \(key): \(complaint)")
        #expect(try self.pod(old: text).complaint == "annotation \(oldKey): \(complaint)")
    }

    private func pod(old text: String) throws -> PodObject { try DiscoveryTests.pod([oldKey: text]) }
    private func pod(_ annotations: [String: String]) throws -> PodObject { try DiscoveryTests.pod(annotations) }

    @Test(arguments: [
        "{}", "null", "[]", #"{"kind":"Node"}"#, #"{"kind":"Pod"} x"#, #"{"kind":"Pod","metadata":[]}"#,
        #"{"kind":"Pod","metadata":{"annotations":[]}}"#, "<html>",
    ])
    func otherDocumentsAreRefused(text: String) {
        #expect(throws: JSONError.self) { try PodObject(document: Array(text.utf8)) }
    }

    /// Cut anywhere, inside of the annotation too.
    @Test func aPodCutAnywhereIsRefused() throws {
        let document = try Recording("100/get/pod.json").body
        for end in 0..<document.count - 1 {
            #expect(throws: JSONError.self) { try PodObject(document: Array(document[..<end])) }
        }
    }

    @Test func anAnnotationCutAnywhereIsOneComplaint() throws {
        let text =
            #"[{"name":"a","ips":["10.0.0.1","fd00::1"],"x":[{"y":-1.5e3}]},{"name":"\u00e4\"b","default":true}]"#
        for end in 0..<text.utf8.count {
            let pod = try pod([key: String(decoding: Array(text.utf8)[..<end], as: UTF8.self)])
            #expect(pod.networks.isEmpty && pod.complaint?.hasPrefix("annotation \(key): byte ") == true)
        }
        #expect(try pod([key: text]).complaint == nil)
    }
}
