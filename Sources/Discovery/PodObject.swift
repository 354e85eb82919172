internal import Documents
internal import Mesh

/// What is wanted of a Pod (v1): its secondary interfaces, as multus tells of them.
struct PodObject: Equatable {
    var networks: [NetworkAddress] = []
    /// What is wrong with the annotation; nil when nothing is.
    var complaint: String?

    /// A pod that is not there.
    init() {}

    /// The annotation's key in the de-facto standard of the Network Plumbing Working Group (version 1.0, section 5.1), and
    /// the one that multus wrote before there was one.
    private static let key = "k8s.v1.cni.cncf.io/network-status"
    private static let oldKey = "k8s.v1.cni.cncf.io/networks-status"

    init(document: [UInt8]) throws(JSONError) {
        var isPod = false
        var annotation: String?
        var oldAnnotation: String?
        var reader = JSONReader(document)
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "kind": isPod = try reader.string() == "Pod"
            case "metadata":
                try reader.object { (reader, key) throws(JSONError) in
                    guard key == "annotations" else { return try reader.skip() }
                    try reader.object { (reader, key) throws(JSONError) in
                        switch key {
                        case PodObject.key: annotation = try reader.string()
                        case PodObject.oldKey: oldAnnotation = try reader.string()
                        default: try reader.skip()
                        }
                    }
                }
            default: try reader.skip()
            }
        }
        try reader.end()
        if !isPod { throw JSONError("the document is not a Pod", at: 0) }
        if let text = annotation ?? oldAnnotation {
            read(text, of: annotation == nil ? PodObject.oldKey : PodObject.key)
        }
    }

    /// Reads a JSON array, one element for each interface.
    private mutating func read(_ text: String, of key: String) {
        var networks: [NetworkAddress] = []
        var complaints: [String] = []
        do {
            var reader = JSONReader(Array(text.utf8))
            try reader.array { (reader) throws(JSONError) in
                let interface = try NetworkInterface(&reader)
                // The pod's own network, which is the channel `pod`.
                if interface.isDefault { return }
                for text in interface.ips {
                    if interface.name.isEmpty {
                        complaints.append("\(text) is in a network without a name")
                    } else if let address = IPAddress(text) {
                        networks.append(NetworkAddress(network: interface.name, address: address))
                    } else {
                        complaints.append("\"\(text)\" is not an IP address")
                    }
                }
            }
            try reader.end()
        } catch {
            // Half of a list says nothing of the other half.
            networks = []
            complaints = ["\(error)"]
        }
        self.networks = networks
        complaint = complaints.isEmpty ? nil : "annotation \(key): " + complaints.joined(separator: ", ")
    }
}

/// One element of the annotation.
private struct NetworkInterface {
    let name: String
    let ips: [String]
    let isDefault: Bool

    init(_ reader: inout JSONReader) throws(JSONError) {
        var parts = (name: "", ips: [String](), isDefault: false)
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "name": parts.name = try reader.stringOrNull() ?? ""
            case "ips": parts.ips = try reader.strings()
            case "default": parts.isDefault = try reader.boolOrNull() ?? false
            default: try reader.skip()
            }
        }
        (name, ips, isDefault) = parts
    }
}
