import Foundation

/// A target as `/api/v1/targets` shows it.
struct ListedTarget: Decodable, Hashable, Sendable {
    let channel: String
    let state: String
    /// With its port.
    let address: String?
    /// The Service or the Ingress' rule.
    let target: String?
    /// Why it is not probed.
    let why: String?

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
