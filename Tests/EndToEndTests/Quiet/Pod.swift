import Foundation
import Support

/// A pod of the DaemonSet: it has an address and a UID before its container runs, and after that has ended.
struct Pod: Sendable, Equatable {
    let node: String
    let zone: String
    let host: String
    let uid = UUID().uuidString.lowercased()

    var name: String { "heartmesh-\(uid.prefix(5))" }
}

extension ObjectList.Conditions {
    // The peer Service publishes the addresses of pods that are not ready: `ready` is true for all of its endpoints.

    /// The pod has an address; its container does not answer, or its node is NotReady.
    static let unready = Self(ready: true, serving: false, terminating: false)
    /// The pod is being deleted, and its container still answers.
    static let ending = Self(ready: true, serving: true, terminating: true)
    /// The pod is being deleted, and its container has ended.
    static let ended = Self(ready: true, serving: false, terminating: true)
}
