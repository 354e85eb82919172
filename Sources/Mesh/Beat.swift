/// The datagram of a UDP probe and of its answer: 48 bytes, numbers big-endian, then text.
///
/// | offset | bytes | |
/// |---|---|---|
/// | 0 | 4 | `HMB1` |
/// | 4 | 1 | 1: request, 2: reply |
/// | 5 | 3 | zero |
/// | 8 | 8 | flow: the requests of one prober to one target |
/// | 16 | 4 | sequence number of the request in its flow, from 1 |
/// | 20 | 8 | nonce of the request |
/// | 28 | 4 | the report: the highest sequence number that has arrived |
/// | 32 | 8 | which of the last 64 up to that one have: bit n stands for the highest minus n |
/// | 40 | 8 | the flow that this is about; 0: nothing is reported |
/// | 48 | | `mesh=…; node=…; state=…` of the sender, to the end or to a zero byte |
///
/// A reply reports on the flow that it answers. A request reports on the flow that its sender has last received from the
/// node that it goes to: so a prober learns which of its requests arrived, even when no reply comes through.
///
/// A request is filled up with zeroes, so that the reply is never longer: nobody can use a responder to send somebody
/// else more than it was sent.
package struct Beat: Equatable, Sendable {
    package enum Kind: UInt8, Sendable {
        case request = 1
        case reply
    }

    /// What has arrived of a flow.
    package struct Report: Equatable, Sendable {
        /// 0: of none.
        package var flow: UInt64
        package var window: SequenceWindow

        package init(flow: UInt64 = 0, window: SequenceWindow = SequenceWindow()) {
            self.flow = flow
            self.window = window
        }
    }

    package static let headerSize = 48
    /// Of each request, in bytes.
    package static let requestSize = 512
    private static let magic: UInt32 = 0x484d_4231

    package var kind: Kind
    package var flow: UInt64
    package var sequence: UInt32
    package var nonce: UInt64
    package var report: Report

    package init(_ kind: Kind, flow: UInt64, sequence: UInt32, nonce: UInt64, report: Report = Report()) {
        self.kind = kind
        self.flow = flow
        self.sequence = sequence
        self.nonce = nonce
        self.report = report
    }

    /// Reads the start of a datagram; nil when it is none of these.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Beat.headerSize, Beat.number(bytes, at: 0, UInt32.self) == Beat.magic,
            let kind = Kind(rawValue: bytes[4]), bytes[5] | bytes[6] | bytes[7] == 0
        else { return nil }
        self.init(
            kind, flow: Beat.number(bytes, at: 8), sequence: Beat.number(bytes, at: 16),
            nonce: Beat.number(bytes, at: 20),
            report: Report(
                flow: Beat.number(bytes, at: 40),
                window: SequenceWindow(highest: Beat.number(bytes, at: 28), bits: Beat.number(bytes, at: 32))))
    }

    /// Writes the first 48 bytes.
    package func write(to bytes: UnsafeMutableRawBufferPointer) {
        Beat.put(Beat.magic, in: bytes, at: 0)
        Beat.put(UInt32(kind.rawValue) << 24, in: bytes, at: 4)
        Beat.put(flow, in: bytes, at: 8)
        Beat.put(sequence, in: bytes, at: 16)
        Beat.put(nonce, in: bytes, at: 20)
        Beat.put(report.window.highest, in: bytes, at: 28)
        Beat.put(report.window.bits, in: bytes, at: 32)
        Beat.put(report.flow, in: bytes, at: 40)
    }

    /// What the sender says of itself, in a datagram with a whole header.
    package static func identity(in bytes: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
        let text = bytes[headerSize...]
        return text[..<(text.firstIndex(of: 0) ?? text.endIndex)]
    }

    private static func number<Number: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, at offset: Int, _: Number.Type = Number.self
    ) -> Number {
        Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    private static func put(_ number: some FixedWidthInteger, in bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.storeBytes(of: number.bigEndian, toByteOffset: offset, as: type(of: number))
    }
}

extension Identity {
    /// What a datagram has of the header's value.
    package static func datagram(mesh: String, node: String, state: String) -> String {
        "mesh=\(mesh); node=\(node); state=\(state)"
    }

    /// The name of a datagram's sender.
    ///
    /// - Parameter mesh: `prefix(mesh:)` of the own one.
    /// - Returns: Nil when it is of another mesh.
    package static func node(
        in text: Slice<UnsafeRawBufferPointer>, mesh: [UInt8]
    ) -> Slice<UnsafeRawBufferPointer>? {
        guard text.starts(with: mesh) else { return nil }
        let rest = text.dropFirst(mesh.count)
        return rest.firstIndex(of: UInt8(ascii: ";")).map { rest[..<$0] }
    }

    /// How the text starts when any node of this mesh speaks: what follows is the node's name.
    package static func prefix(mesh: String) -> [UInt8] {
        Array("mesh=\(mesh); node=".utf8)
    }

    /// - Returns: What is wrong with names that together do not fit into a datagram, whatever the state; nil: they fit.
    package static func complaint(aboutMesh mesh: String, node: String) -> String? {
        let longest = PeerState.allCases.map(\.label).max { $0.utf8.count < $1.utf8.count } ?? ""
        let excess =
            datagram(mesh: mesh, node: node, state: longest).utf8.count - (Beat.requestSize - Beat.headerSize)
        return excess > 0
            ? "the names of the mesh and of this node are together \(excess) bytes too long for a UDP probe" : nil
    }
}
