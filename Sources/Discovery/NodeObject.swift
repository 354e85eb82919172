internal import Documents
internal import Mesh

/// What is wanted of a Node (v1).
struct NodeObject: Equatable {
    /// Empty where the cluster has no zones.
    var zone = ""
    /// Those of type InternalIP: what the node itself has.
    var addresses: [IPAddress] = []
    /// Those that are no IP addresses.
    var otherAddresses: [String] = []

    /// A node that is not there.
    init() {}

    /// One that is known already.
    init(zone: String, addresses: [IPAddress]) {
        self.zone = zone
        self.addresses = addresses
    }

    init(document: [UInt8]) throws(JSONError) {
        var node = NodeObject()
        var isNode = false
        var reader = JSONReader(document)
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "kind": isNode = try reader.string() == "Node"
            case "metadata":
                try reader.object { (reader, key) throws(JSONError) in
                    guard key == "labels" else { return try reader.skip() }
                    try reader.object { (reader, key) throws(JSONError) in
                        if key == "topology.kubernetes.io/zone" {
                            node.zone = try reader.string()
                        } else {
                            try reader.skip()
                        }
                    }
                }
            case "status":
                try reader.object { (reader, key) throws(JSONError) in
                    guard key == "addresses" else { return try reader.skip() }
                    try reader.array { (reader) throws(JSONError) in try node.readAddress(&reader) }
                }
            default: try reader.skip()
            }
        }
        try reader.end()
        if !isNode { throw JSONError("the document is not a Node", at: 0) }
        self = node
    }

    private mutating func readAddress(_ reader: inout JSONReader) throws(JSONError) {
        var type = ""
        var text = ""
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "type": type = try reader.string()
            case "address": text = try reader.string()
            default: try reader.skip()
            }
        }
        if type != "InternalIP" { return }
        if let address = IPAddress(text) { addresses.append(address) } else { otherAddresses.append(text) }
    }
}
