internal import Documents
internal import Mesh

/// What is wanted of a Service (v1).
struct ServiceObject: APIObject {
    var name = ""
    var resourceVersion = ""
    var type = "ClusterIP"
    /// The first of the others; alone where a server does not know dual-stack.
    var clusterIP: String?
    var clusterIPs: [String] = []
    var internalTrafficPolicy: String?
    var ports: [Port] = []
    /// What a load balancer's controller wrote.
    var balancers: [BalancerEntry] = []

    struct Port: Equatable {
        var name: String?
        var proto = "TCP"
        var port = 0
        var nodePort: Int?
    }

    init(_ reader: inout JSONReader) throws(JSONError) {
        var service = ServiceObject()
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "metadata": (service.name, service.resourceVersion) = try ObjectMetadata.read(&reader)
            case "spec":
                try reader.object { (reader, key) throws(JSONError) in try service.readSpec(key, &reader) }
            case "status": service.balancers = try BalancerEntry.readStatus(&reader)
            default: try reader.skip()
            }
        }
        if service.name.isEmpty { throw JSONError("a Service without a name", at: 0) }
        self = service
    }

    private init() {}

    private mutating func readSpec(_ key: String, _ reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "type": type = try reader.string()
        case "clusterIP": clusterIP = try reader.stringOrNull()
        case "clusterIPs": clusterIPs = try reader.strings()
        case "internalTrafficPolicy": internalTrafficPolicy = try reader.stringOrNull()
        case "ports":
            var ports: [Port] = []
            try reader.array { (reader) throws(JSONError) in ports.append(try Port(&reader)) }
            self.ports = ports
        default: try reader.skip()
        }
    }
}

extension ServiceObject.Port {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var port = ServiceObject.Port()
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "name": port.name = try reader.stringOrNull()
            case "protocol": port.proto = try reader.string()
            case "port": port.port = try reader.integer()
            case "nodePort": port.nodePort = try reader.integer()
            default: try reader.skip()
            }
        }
        self = port
    }
}

/// One way to a load balancer or an ingress controller, as `status.loadBalancer.ingress` has it: an address or a name.
struct BalancerEntry: Equatable {
    var ip: String?
    var hostname: String?

    /// Reads a `status` of a Service or an Ingress.
    static func readStatus(_ reader: inout JSONReader) throws(JSONError) -> [BalancerEntry] {
        var entries: [BalancerEntry] = []
        try reader.object { (reader, key) throws(JSONError) in
            guard key == "loadBalancer" else { return try reader.skip() }
            try reader.object { (reader, key) throws(JSONError) in
                guard key == "ingress" else { return try reader.skip() }
                try reader.array { (reader) throws(JSONError) in entries.append(try BalancerEntry(&reader)) }
            }
        }
        return entries
    }

    private init(_ reader: inout JSONReader) throws(JSONError) {
        var ip: String?
        var hostname: String?
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "ip": ip = try reader.stringOrNull()
            case "hostname": hostname = try reader.stringOrNull()
            default: try reader.skip()
            }
        }
        self.ip = ip.flatMap { $0.isEmpty ? nil : $0 }
        self.hostname = hostname.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension JSONReader {
    /// An array of strings, or `null`.
    mutating func strings() throws(JSONError) -> [String] {
        var strings: [String] = []
        try array { (reader) throws(JSONError) in strings.append(try reader.string()) }
        return strings
    }
}
