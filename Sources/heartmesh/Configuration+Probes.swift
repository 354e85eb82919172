internal import Documents
internal import Mesh

extension Configuration {
    /// A target of one's own.
    struct Probe: Equatable, Sendable {
        let name: String
        let kind: Kind
        var interval = Duration.seconds(30)
        var timeout = Duration.seconds(4)

        enum Kind: Equatable, Sendable {
            case dns(DNSServer)
        }

        var channel: Channel {
            switch kind {
            case .dns: .dns
            }
        }
    }

    /// How often a target is probed, and for how long.
    func timing(of target: Target) -> (interval: Duration, timeout: Duration) {
        if let probe = probes.first(where: { $0.channel == target.channel && $0.name == target.name }) {
            return (probe.interval, probe.timeout)
        }
        return (self[target.channel].interval(of: target.payload), self[target.channel].timeout)
    }
}

extension Configuration.Probe {
    /// Reads the list `probes`.
    static func read(_ list: [Field], folder: String) -> [Self] {
        var names: Set<String> = []
        return list.compactMap { element in
            element.mapping { fields -> Self? in
                let name = fields.required("name")
                let text = name?.string(checkedBy: Identity.complaint(aboutName:))
                if let text, !names.insert(text).inserted { name?.refuse("\(text.quoted) stands here twice") }
                return read(fields, name: text, folder: folder)
            } ?? nil
        }
    }

    private static func read(_ fields: Fields, name: String?, folder: String) -> Self? {
        let interval = fields["interval"]?.duration(in: .milliseconds(100)...(.seconds(3600)))
        let timeout = fields["timeout"]?.duration(in: .milliseconds(10)...(.seconds(60)))
        let kind = kind(fields, folder: folder)
        guard let name, let kind else { return nil }
        var probe = Self(name: name, kind: kind)
        probe.interval = interval ?? probe.interval
        probe.timeout = timeout ?? probe.timeout
        return probe
    }

    /// What is probed: one of the keys that say so.
    private static func kind(_ fields: Fields, folder: String) -> Kind? {
        let url = fields["url"]
        let dns = fields["dns"]
        url?.refuseKey("is not supported in this release")
        let kinds = [url, dns].compactMap(\.self)
        if kinds.isEmpty { fields.field.refuse("one of url and dns is required") }
        for second in kinds.dropFirst() {
            second.refuseKey("only one of url and dns can be set, and \(kinds[0].path) is")
        }
        return dns?.mapping { Configuration.DNSServer.read($0, folder: folder) }?.map { .dns($0) }
    }
}
