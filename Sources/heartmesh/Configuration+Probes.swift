internal import Documents
internal import Mesh

extension Configuration {
    /// A target of one's own. Each kind is read in a file of its own.
    struct Probe: Equatable, Sendable {
        enum Kind: Equatable, Sendable {
            case url(URLProbe)
            case dns(DNSServer)
        }

        let name: String
        let kind: Kind
        let interval: Duration
        /// May exceed the interval: attempts on one target may overlap.
        let timeout: Duration

        var channel: Channel {
            switch kind {
            case .url: .url
            case .dns: .dns
            }
        }
    }

    /// When a target is probed, and for how long.
    func schedule(of target: Target) -> (interval: Duration, timeout: Duration) {
        if let probe = probes.first(where: { $0.channel == target.channel && $0.name == target.name }) {
            return (probe.interval, probe.timeout)
        }
        return (self[target.channel].interval(of: target.payload), self[target.channel].timeout)
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
                return probe(fields, name: name, folder: folder)
            }.flatMap(\.self)
        }
    }

    private static func probe(_ fields: Fields, name: String?, folder: String) -> Probe? {
        guard let dns = fields["dns"] else {
            if fields["url"] == nil {
                // One mistake is told once.
                _ = fields.entries()
                fields.field.refuse("one of url and dns is required")
                return nil
            }
            guard let probe = URLProbe(fields, folder: folder), let name else { return nil }
            return Probe(name: name, kind: .url(probe), interval: probe.interval, timeout: probe.timeout)
        }
        if let url = fields["url"] {
            // One mistake is told once.
            _ = fields.entries()
            url.refuseKey("only one of url and dns can be set, and \(dns.path) is")
            return nil
        }
        let interval = fields["interval"]?.duration(in: .milliseconds(100)...(.seconds(3600)))
        let timeout = fields["timeout"]?.duration(in: .milliseconds(10)...(.seconds(60)))
        guard let server = dns.mapping({ DNSServer.read($0, folder: folder) })?.flatMap(\.self), let name else {
            return nil
        }
        return Probe(
            name: name, kind: .dns(server), interval: interval ?? .seconds(30), timeout: timeout ?? .seconds(4))
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
