internal import Documents
internal import Mesh

/// What the configuration's contract names and this release does not do. Who implements one deletes its row here.
///
/// A key without effect is a warning. It is an error where the user would otherwise believe that something is
/// watched which is not.
enum Unsupported {
    /// Read and checked, and that is all.
    static let keys = [
        "peers.suspects",
        "sweep.period",
        "limits.probesPerSecond",
        "limits.series",
    ]

    /// Refused, unless empty.
    static let refusedKeys = [
        "discovery.http"
    ]

    /// `on` is refused, `off` is true already, and otherwise the channel has no effect.
    static let channels = ["remote"]

    /// Refused where they are listed.
    static let protocols = ["icmp"]

    static let allProtocols = ProbeProtocol.allCases.map(\.rawValue) + protocols
}

extension Unsupported {
    /// Notes a warning or an error for each row of the tables that the document asks for.
    static func report(in root: Field) {
        for path in keys { root.value(at: path)?.warn("has no effect in this release") }
        for path in refusedKeys {
            guard let field = root.value(at: path), !field.node.isEmpty else { continue }
            field.refuseKey("is not supported in this release")
        }
        for name in Channel.allCases.map(\.rawValue) + channels {
            guard let channel = root.value(at: "channels.\(name)") else { continue }
            report(channel, isSupported: !channels.contains(name))
        }
    }

    private static func report(_ channel: Field, isSupported: Bool) {
        let modeField = channel.value(at: "mode")
        let mode = modeField?.node.text.flatMap(Configuration.Mode.init(written:))
        if mode == .off { return }
        if !isSupported, mode == .on {
            modeField?.refuseValue()
        } else if !isSupported {
            channel.warn("has no effect in this release")
        }
        guard let list = channel.value(at: "protocols"), list.node.elements != nil else { return }
        for element in list.list() ?? [] where protocols.contains(element.node.text ?? "") {
            element.refuseValue()
        }
    }
}

extension Field {
    fileprivate func refuseValue() {
        refuse("\((node.text ?? "").quoted) is not supported in this release")
    }
}
