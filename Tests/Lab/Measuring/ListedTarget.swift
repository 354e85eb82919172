import Foundation

/// A target as `/api/v1/targets` shows it.
struct ListedTarget: Decodable, Hashable, Sendable, CustomStringConvertible {
    let channel: String
    let state: String
    /// With its port.
    let address: String?
    /// The Service or the Ingress' rule.
    let target: String?
    let node: String?
    let probe: String?
    let family: String?
    let payload: String?
    /// Why it is not probed.
    let why: String?
    /// `success`, or the reason of the failure; nil before there was one.
    let outcome: String?
    /// When that was, in seconds since 1970.
    let time: Double?

    private enum CodingKeys: String, CodingKey {
        case channel, state, address, target, payload, why
        case node = "target_node"
        case probe = "protocol"
        case family = "ip_family"
        case outcome = "last_outcome"
        case time = "last_outcome_timestamp_seconds"
    }

    var description: String {
        let parts = [channel, probe, payload, node ?? target, address, outcome ?? "no outcome"]
        return parts.compactMap(\.self).joined(separator: " ")
    }

    static func all(in document: [UInt8]) throws -> [ListedTarget] {
        struct Envelope: Decodable {
            let data: Content
        }
        struct Content: Decodable {
            let targets: [ListedTarget]
        }
        return try JSONDecoder().decode(Envelope.self, from: Data(document)).data.targets
    }
}
