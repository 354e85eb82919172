/// Changes of endpoints, for lists of EndpointSlices. Each slice that has such an endpoint gets a new resourceVersion,
/// as it would from its controller.
extension ObjectList {
    /// The conditions of an endpoint (EndpointConditions of discovery.k8s.io/v1).
    package struct Conditions: Equatable, Sendable {
        package static let ready = Conditions(ready: true, serving: true, terminating: false)
        /// A pod that is not ready, or that stands on a node that is NotReady.
        package static let notReady = Conditions(ready: false, serving: false, terminating: false)
        /// A pod that is being deleted and still passes its readiness probe.
        package static let terminating = Conditions(ready: false, serving: true, terminating: true)

        let ready: Bool
        let serving: Bool
        let terminating: Bool

        package init(ready: Bool, serving: Bool, terminating: Bool) {
            self.ready = ready
            self.serving = serving
            self.terminating = terminating
        }

        var text: String { #"{"ready":\#(ready),"serving":\#(serving),"terminating":\#(terminating)}"# }
    }

    /// An endpoint of a pod, with what its controller writes of it.
    package struct PodEndpoint: Equatable, Sendable {
        let address: String
        let conditions: Conditions
        let pod: String
        let uid: String
        let node: String
        let zone: String

        package init(address: String, conditions: Conditions, pod: String, uid: String, node: String, zone: String) {
            self.address = address
            self.conditions = conditions
            self.pod = pod
            self.uid = uid
            self.node = node
            self.zone = zone
        }

        func text(namespace: String) -> String {
            let reference = #"{"kind":"Pod","namespace":"\#(namespace)","name":"\#(pod)","uid":"\#(uid)"}"#
            return #"{"addresses":["\#(address)"],"conditions":\#(conditions.text),"targetRef":\#(reference),"#
                + #""nodeName":"\#(node)","zone":"\#(zone)"}"#
        }
    }

    /// Puts these in the place of all endpoints that a slice has.
    package mutating func setEndpoints(_ endpoints: [PodEndpoint], of slice: String) throws {
        guard let object = objects.first(where: { $0.name == slice }) else { throw NoSuchObject(name: slice) }
        let namespace = object.namespace ?? ""
        let text = endpoints.map { $0.text(namespace: namespace) }.joined(separator: ",")
        try edit(slice) { $0 = try replace(["endpoints"], with: "[\(text)]", in: $0) }
    }

    package mutating func setConditions(_ conditions: Conditions, ofNode node: String) throws {
        try changeEndpoints(ofNode: node) { endpoint in
            try replace(["conditions"], with: conditions.text, in: endpoint)
        }
    }

    package mutating func removeEndpoints(ofNode node: String) throws {
        try changeEndpoints(ofNode: node) { _ in nil }
    }

    /// Takes out the endpoints of all nodes but these.
    package mutating func keepEndpoints(ofNodes nodes: Set<String>) throws {
        try changeEndpoints(where: { !nodes.contains($0 ?? "") }, { _ in nil })
    }

    /// Moves a node's endpoints to an address of the same family: a replaced pod, or a process on loopback.
    package mutating func setAddress(_ address: String, ofNode node: String) throws {
        let type = address.contains(":") ? "IPv6" : "IPv4"
        try changeEndpoints(ofNode: node, addressType: type) { endpoint in
            try replace(["addresses"], with: #"["\#(address)"]"#, in: endpoint)
        }
    }

    /// Takes the node's name out of its endpoints, as for endpoints that are not pods.
    package mutating func removeNodeName(_ node: String) throws {
        try changeEndpoints(ofNode: node) { endpoint in
            Array(String(decoding: endpoint, as: UTF8.self).replacing(#","nodeName":"\#(node)""#, with: "").utf8)
        }
    }

    /// Gives the port of that name another number in all slices.
    package mutating func setPort(named name: String, to number: UInt16) throws {
        for slice in objects.map(\.name) {
            try edit(slice) { bytes in
                guard let ports = try JSONText.find(["ports"], in: bytes) else { return }
                for range in try JSONText.elements(of: bytes, in: ports).reversed() {
                    let port = Array(bytes[range])
                    guard let found = try JSONText.find(["name"], in: port), JSONText.text(found, of: port) == name
                    else { continue }
                    bytes.replaceSubrange(range, with: try replace(["port"], with: "\(number)", in: port))
                }
            }
        }
    }

    /// - Parameter change: Takes an endpoint's bytes, gives the new ones, or nil to remove it.
    package mutating func changeEndpoints(
        ofNode node: String, addressType: String? = nil, _ change: ([UInt8]) throws -> [UInt8]?
    ) throws {
        try changeEndpoints(addressType: addressType, where: { $0 == node }, change)
    }

    private mutating func changeEndpoints(
        addressType: String? = nil, where isMeant: (String?) -> Bool, _ change: ([UInt8]) throws -> [UInt8]?
    ) throws {
        for object in objects {
            let bytes = object.bytes
            let type = try JSONText.find(["addressType"], in: bytes).map { JSONText.text($0, of: bytes) }
            guard addressType == nil || addressType == type,
                let list = try JSONText.find(["endpoints"], in: bytes), bytes[list.lowerBound] == UInt8(ascii: "[")
            else { continue }
            var isChanged = false
            var endpoints: [[UInt8]] = []
            for range in try JSONText.elements(of: bytes, in: list) {
                let endpoint = Array(bytes[range])
                let name = try JSONText.find(["nodeName"], in: endpoint).map { JSONText.text($0, of: endpoint) }
                if isMeant(name) {
                    isChanged = true
                    if let changed = try change(endpoint) { endpoints.append(changed) }
                } else {
                    endpoints.append(endpoint)
                }
            }
            guard isChanged else { continue }
            let joined = Array(endpoints.joined(separator: [UInt8(ascii: ",")]))
            try edit(object.name) {
                $0.replaceSubrange(list, with: [UInt8(ascii: "[")] + joined + [UInt8(ascii: "]")])
            }
        }
    }
}

private func replace(_ path: [String], with text: String, in bytes: [UInt8]) throws -> [UInt8] {
    guard let range = try JSONText.find(path, in: bytes) else {
        throw JSONText.Malformed("no \(path.joined(separator: "."))", at: 0)
    }
    return bytes[..<range.lowerBound] + Array(text.utf8) + bytes[range.upperBound...]
}
