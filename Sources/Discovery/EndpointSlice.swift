internal import Documents
internal import Mesh

/// What is wanted of an EndpointSlice (discovery.k8s.io/v1).
struct EndpointSlice: APIObject {
    var name = ""
    var resourceVersion = ""
    /// `IPv4`, `IPv6` or `FQDN`.
    var addressType = ""
    /// The port named `http`.
    var port: UInt16?
    var endpoints: [Endpoint] = []

    struct Endpoint: Equatable {
        var addresses: [IPAddress] = []
        /// Those that are no IP addresses, as all are in a slice of type FQDN.
        var otherAddresses: [String] = []
        var ready: Bool?
        var serving: Bool?
        var terminating: Bool?
        var node: String?
        var zone: String?
        /// The pod's UID, or its name where the endpoint has no UID.
        var pod: String?
        /// By which the pod can be asked for; nil when the endpoint is no pod.
        var podName: String?

        /// `serving` and not `ready` tells whether the pod is ready: with `publishNotReadyAddresses`, as the peer Service
        /// has it, `ready` is true for all. A condition that is absent counts as ready, as the API says.
        var state: PeerState {
            if terminating == true { return .draining }
            return serving ?? ready ?? true ? .active : .notReady
        }
    }

    init(_ reader: inout JSONReader) throws(JSONError) {
        var slice = EndpointSlice()
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "metadata": (slice.name, slice.resourceVersion) = try ObjectMetadata.read(&reader)
            case "addressType": slice.addressType = try reader.string()
            case "ports": try reader.array { (reader) throws(JSONError) in try slice.readPort(&reader) }
            case "endpoints":
                try reader.array { (reader) throws(JSONError) in slice.endpoints.append(try Endpoint(&reader)) }
            default: try reader.skip()
            }
        }
        if slice.name.isEmpty { throw JSONError("an EndpointSlice without a name", at: 0) }
        self = slice
    }

    private init() {}

    private mutating func readPort(_ reader: inout JSONReader) throws(JSONError) {
        var name: String?
        var number: Int?
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "name": name = try reader.stringOrNull()
            case "port": number = try reader.integer()
            default: try reader.skip()
            }
        }
        if name == "http", let number { port = UInt16(exactly: number) }
    }
}

extension EndpointSlice.Endpoint {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var endpoint = EndpointSlice.Endpoint()
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "addresses":
                try reader.array { (reader) throws(JSONError) in
                    let text = try reader.string()
                    if let address = IPAddress(text) {
                        endpoint.addresses.append(address)
                    } else {
                        endpoint.otherAddresses.append(text)
                    }
                }
            case "conditions":
                try reader.object { (reader, key) throws(JSONError) in
                    switch key {
                    case "ready": endpoint.ready = try reader.boolOrNull()
                    case "serving": endpoint.serving = try reader.boolOrNull()
                    case "terminating": endpoint.terminating = try reader.boolOrNull()
                    default: try reader.skip()
                    }
                }
            case "nodeName": endpoint.node = try reader.stringOrNull()
            case "zone": endpoint.zone = try reader.stringOrNull()
            case "targetRef":
                var kind: String?
                var name: String?
                var uid: String?
                try reader.object { (reader, key) throws(JSONError) in
                    switch key {
                    case "kind": kind = try reader.stringOrNull()
                    case "name": name = try reader.stringOrNull()
                    case "uid": uid = try reader.stringOrNull()
                    default: try reader.skip()
                    }
                }
                endpoint.pod = uid ?? name
                endpoint.podName = kind == "Pod" ? name : nil
            default: try reader.skip()
            }
        }
        self = endpoint
    }
}
