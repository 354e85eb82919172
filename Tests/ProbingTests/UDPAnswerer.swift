import Mesh
import Support

/// Responders over UDP that nobody but these tests has written.
enum UDPAnswerer {
    /// Of node-a, right in everything: one on 127.0.0.1, one on ::1.
    static let shared = Result {
        try ["127.0.0.1", "::1"].map { try DatagramServer(host: $0) { [.init(reply(to: $0))] } }
    }

    /// A reply, unless it is changed the right one.
    static func reply(
        to request: [UInt8], mesh: String = "test", node: String = "node-a", state: String = "active",
        change: (inout Beat) -> Void = { _ in }
    ) -> [UInt8] {
        var beat = beat(request)
        beat.kind = .reply
        beat.report = Beat.Report(flow: beat.flow, window: SequenceWindow(highest: beat.sequence, bits: .max))
        change(&beat)
        var bytes = [UInt8](repeating: 0, count: Beat.headerSize)
        bytes.withUnsafeMutableBytes { beat.write(to: $0) }
        return bytes + Array(Identity.datagram(mesh: mesh, node: node, state: state).utf8)
    }

    /// What the prober has sent.
    static func beat(_ request: [UInt8]) -> Beat {
        guard let beat = request.withUnsafeBytes({ Beat($0) }) else { preconditionFailure("the prober sends beats") }
        return beat
    }
}
