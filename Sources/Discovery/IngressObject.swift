internal import Documents

/// What is wanted of an Ingress (networking.k8s.io/v1).
struct IngressObject: APIObject {
    var name = ""
    var resourceVersion = ""
    var rules: [Rule] = []
    var hasDefaultBackend = false
    /// The hosts of each entry of `spec.tls`.
    var tls: [[String]] = []
    /// What the ingress controller wrote.
    var balancers: [BalancerEntry] = []

    struct Rule: Equatable {
        /// Empty: any.
        var host = ""
        /// Empty: the default backend answers.
        var paths: [String] = []
    }

    init(_ reader: inout JSONReader) throws(JSONError) {
        var ingress = IngressObject()
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "metadata": (ingress.name, ingress.resourceVersion) = try ObjectMetadata.read(&reader)
            case "spec":
                try reader.object { (reader, key) throws(JSONError) in try ingress.readSpec(key, &reader) }
            case "status": ingress.balancers = try BalancerEntry.readStatus(&reader)
            default: try reader.skip()
            }
        }
        if ingress.name.isEmpty { throw JSONError("an Ingress without a name", at: 0) }
        self = ingress
    }

    private init() {}

    private mutating func readSpec(_ key: String, _ reader: inout JSONReader) throws(JSONError) {
        switch key {
        case "defaultBackend":
            hasDefaultBackend = true
            try reader.skip()
        case "rules":
            var rules: [Rule] = []
            try reader.array { (reader) throws(JSONError) in rules.append(try Rule(&reader)) }
            self.rules = rules
        case "tls":
            var tls: [[String]] = []
            try reader.array { (reader) throws(JSONError) in
                var hosts: [String] = []
                try reader.object { (reader, key) throws(JSONError) in
                    if key == "hosts" { hosts = try reader.strings() } else { try reader.skip() }
                }
                tls.append(hosts)
            }
            self.tls = tls
        default: try reader.skip()
        }
    }
}

extension IngressObject.Rule {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        var rule = IngressObject.Rule()
        try reader.object { (reader, key) throws(JSONError) in
            switch key {
            case "host": rule.host = try reader.string()
            case "http":
                try reader.object { (reader, key) throws(JSONError) in
                    guard key == "paths" else { return try reader.skip() }
                    try reader.array { (reader) throws(JSONError) in rule.paths.append(try readPath(&reader)) }
                }
            default: try reader.skip()
            }
        }
        self = rule
    }
}

/// The path of an HTTPIngressPath; one without any stands for all.
private func readPath(_ reader: inout JSONReader) throws(JSONError) -> String {
    var path = ""
    try reader.object { (reader, key) throws(JSONError) in
        if key == "path" { path = try reader.string() } else { try reader.skip() }
    }
    return path.isEmpty ? "/" : path
}
