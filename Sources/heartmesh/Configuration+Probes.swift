internal import Documents

extension Configuration {
    /// A configured target. Each kind is read in a file of its own.
    struct Probe: Equatable, Sendable {
        enum Kind: Equatable, Sendable {
            case url(URLProbe)
        }

        let name: String
        let kind: Kind
    }

    /// The list `probes`: every entry has a name of its own, and the one key that tells its kind.
    static func probes(_ list: Field, folder: String) -> [Probe] {
        var names: [String: String] = [:]
        return (list.list() ?? []).compactMap { element in
            element.mapping { fields -> Probe? in
                let name = fields.required("name")?.string(checkedBy: complaint(aboutProbe:))
                if let name, let first = names[name] {
                    fields["name"]?.refuse("\(name.quoted) is the name of \(first) already")
                } else if let name {
                    names[name] = element.path
                }
                guard let kind = kind(of: fields, folder: folder), let name else { return nil }
                return Probe(name: name, kind: kind)
            }.flatMap(\.self)
        }
    }

    private static func kind(of fields: Fields, folder: String) -> Probe.Kind? {
        guard let dns = fields["dns"] else { return URLProbe(fields, folder: folder).map { .url($0) } }
        // One mistake is told once.
        _ = fields.entries()
        if let url = fields["url"] {
            url.refuseKey("only one of url and dns can be set, and \(dns.path) is")
        } else {
            dns.refuseKey("is not supported in this release")
        }
        return nil
    }

    private static func complaint(aboutProbe name: String) -> String? {
        let isName =
            1...63 ~= name.utf8.count
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        return isName ? nil : "is not a name: up to 63 letters, digits, '-', '_' and '.'"
    }
}
