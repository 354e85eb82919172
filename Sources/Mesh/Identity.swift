/// What a responder says of itself in the header `Heartmesh`, in the form of the parameters of a header field
/// (RFC 9110, section 5.6.6): `mesh=default; node=node-a; zone=z1; uid=…; state=active`.
package enum Identity {
    package static let headerName = "Heartmesh"
    /// The header in which a responder says how many bytes of a request's body have come.
    package static let receivedHeaderName = "Heartmesh-Received"

    /// The value of the header. Names are tokens (see `complaint(aboutName:)`): nothing is quoted.
    package static func header(mesh: String, node: String, zone: String, uid: String, state: String) -> String {
        "mesh=\(mesh); node=\(node); zone=\(zone); uid=\(uid); state=\(state)"
    }

    /// Whether the one who says this of itself, in a header or a datagram, is shutting down. The state stands last.
    package static func isDraining(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        // Nearly everybody is active, and the last byte tells.
        text.last == drainingEnd.last && text.count >= drainingEnd.count
            && text.suffix(drainingEnd.count).elementsEqual(drainingEnd)
    }

    private static let drainingEnd = Array("; state=\(PeerState.draining.label)".utf8)

    /// How the header's value starts when this node of this mesh answers.
    package static func prefix(mesh: String, node: String) -> [UInt8] {
        Array("mesh=\(mesh); node=\(node);".utf8)
    }

    /// A mesh, a node or a zone has a name of letters, digits, `-`, `_` and `.`, with a letter or digit at both ends, of
    /// at most 253 bytes. Every name of a Kubernetes node (RFC 1123, section 2.1) and every value of its zone label is
    /// one.
    ///
    /// - Returns: What is wrong with it, such as `is not a name: …`; nil when nothing is.
    package static func complaint(aboutName text: String) -> String? {
        isName(text)
            ? nil : "is not a name: up to 253 letters, digits, '-', '_' and '.', a letter or digit at both ends"
    }

    private static func isName(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 253 else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }
}
