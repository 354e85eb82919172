/// A node of the lab: the addresses that the recorded objects of a real node and its pod have, under a shorter name.
struct Node: Hashable, Sendable {
    /// `b` for `node-b` and `pod-b`.
    let letter: String
    let zone: String
    /// The recorded node's: 9 for `node-00009`.
    let number: Int

    /// Each with a pod that has a storage network beside its own, and all of them without peculiarities.
    static let all = [
        Node(letter: "a", zone: "lab-1a", number: 3), Node(letter: "b", zone: "lab-1a", number: 9),
        Node(letter: "c", zone: "lab-1b", number: 21), Node(letter: "d", zone: "lab-1b", number: 27),
    ]
    static let zones = ["lab-1a", "lab-1b"]

    static func named(_ letter: String) -> Node {
        guard let node = all.first(where: { $0.letter == letter }) else { preconditionFailure("no node \(letter)") }
        return node
    }

    var name: String { "node-\(letter)" }
    var recordedNumber: String { String(repeating: "0", count: 5 - "\(number)".count) + "\(number)" }
    var recordedName: String { "node-\(recordedNumber)" }

    // Of both families, IPv4 first.
    var addresses: [String] { ["172.20.0.\(number + 1)", "fd00:20::\(hex(number + 1))"] }
    var podNetworks: [String] { ["10.64.\(number).0/24", "\(podPrefix)::/64"] }
    var podGateways: [String] { ["10.64.\(number).1", "\(podPrefix)::1"] }
    var podAddresses: [String] { ["10.64.\(number).10", "\(podPrefix)::a"] }
    var storageAddresses: [String] { ["172.28.0.\(number + 1)", "fd00:28::\(hex(number + 1))"] }
    var podHardwareAddress: String { "0a:58:00:00:00:\(twoDigits(number))" }
    var storageHardwareAddress: String { "0a:58:01:00:00:\(twoDigits(number))" }

    private var podPrefix: String { "fd00:64:0:\(hex(number))" }
}

/// The addresses of what is not a node, as recorded, or as the recorded names stand for.
enum Site {
    static let controlPlane = "192.0.2.10"
    static let controlPlanePort: UInt16 = 6443
    /// Of the Service `kubernetes`.
    static let apiServer = "10.96.0.1"
    static let ingress = ["198.51.100.20", "2001:db8:20::20"]
    /// Of the load balancer that stands outside of the cluster, and has a name in the objects.
    static let balancer = ["198.51.100.12", "2001:db8:10::12"]
    static let core = ["172.20.255.1", "fd00:20:ffff::1"]
    static let responderPort: UInt16 = 8900
    static let webPort: UInt16 = 9873
    static let kubeletPort: UInt16 = 10250
    /// The network of the pods' second interfaces, as their annotations have it.
    static let storageNetwork = "heartmesh/storage-net"
    /// Pod addresses that belong to no node: what a stale endpoint looks like.
    static let strayPods = ["10.64.200.10", "fd00:64:0:c8::a"]
}

private func hex(_ number: Int) -> String { String(number, radix: 16) }

func twoDigits(_ number: Int) -> String { (number < 16 ? "0" : "") + hex(number) }
