import Mesh
import Testing

@Suite struct BeatTests {
    private let beat = Beat(
        .request, flow: 0x0102_0304_0506_0708, sequence: 0x1122_3344, nonce: 0xa1a2_a3a4_a5a6_a7a8,
        report: Beat.Report(
            flow: 0xf1f2_f3f4_f5f6_f7f8, window: SequenceWindow(highest: 0x5566_7788, bits: 0xb1b2_b3b4_b5b6_b7b8)))
    private let bytes: [UInt8] = [
        0x48, 0x4d, 0x42, 0x31, 1, 0, 0, 0,
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
        0x11, 0x22, 0x33, 0x44, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8,
        0x55, 0x66, 0x77, 0x88, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8,
        0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
    ]

    private func read(_ bytes: [UInt8]) -> Beat? { bytes.withUnsafeBytes { Beat($0) } }

    @Test func everyFieldHasItsPlace() {
        var written = [UInt8](repeating: 0xff, count: Beat.headerSize)
        written.withUnsafeMutableBytes { beat.write(to: $0) }
        #expect(written == bytes)
        #expect(read(bytes) == beat)
        #expect(read(bytes + [1, 2, 3]) == beat)
        var reply = bytes
        reply[4] = 2
        #expect(read(reply)?.kind == .reply)
    }

    @Test(arguments: 0..<8) func anotherStartIsNone(place: Int) {
        var wrong = bytes
        wrong[place] ^= 0x40
        #expect(read(wrong) == nil)
    }

    @Test(arguments: [0, 1, 4, 20, 47]) func whatIsTooShortIsNone(count: Int) {
        #expect(read(Array(bytes.prefix(count))) == nil)
    }

    @Test(arguments: [
        ("", ""), ("mesh=m; node=a; state=active", "mesh=m; node=a; state=active"), ("a\0b", "a"), ("\0\0", ""),
    ])
    func theIdentityGoesToTheEndOrToAZero(text: String, expected: String) {
        let identity = (bytes + Array(text.utf8)).withUnsafeBytes {
            String(decoding: Beat.identity(in: $0), as: UTF8.self)
        }
        #expect(identity == expected)
    }

    @Test(arguments: [
        ("mesh=m; node=node-a; state=active", "node-a"), ("mesh=m; node=; state=", ""), ("mesh=m; node=node-a", nil),
        ("mesh=mm; node=node-a; state=active", nil), ("node=node-a; mesh=m;", nil), ("", nil),
    ])
    func theSenderIsANodeOfTheMesh(text: String, expected: String?) {
        let node = (bytes + Array(text.utf8)).withUnsafeBytes { all in
            Identity.node(in: Beat.identity(in: all), mesh: Identity.prefix(mesh: "m"))
                .map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(node == expected)
    }

    @Test func namesThatDoNotFitAreComplainedOf() {
        // The longest state with what stands around the names takes 29 of the 464 bytes.
        let node = String(repeating: "n", count: 253)
        #expect(Identity.complaint(aboutMesh: String(repeating: "m", count: 182), node: node) == nil)
        #expect(
            Identity.complaint(aboutMesh: String(repeating: "m", count: 183), node: node)
                == "the names of the mesh and of this node are together 1 bytes too long for a UDP probe")
        let text = Identity.datagram(mesh: String(repeating: "m", count: 182), node: node, state: "not_ready")
        #expect(text.utf8.count == Beat.requestSize - Beat.headerSize)
    }
}
