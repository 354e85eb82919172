internal import Documents
internal import Mesh
internal import Reactor

extension Configuration {
    /// Reads a configuration file. Relative paths in it are relative to the file's folder.
    ///
    /// - Throws: Everything that is wrong with the file, one `Problem` for each line to print.
    static func load(path: String) throws(DocumentError) -> (configuration: Configuration, warnings: [Problem]) {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            let message = "cannot be read: \(systemErrorText(error.errno))"
            throw DocumentError([Problem(name: path, position: nil, message: message)])
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        return try decode(bytes, name: path, folder: folder)
    }

    /// - Parameters:
    ///   - name: The file's name in errors.
    ///   - folder: What relative paths are relative to, with a slash at its end; empty: the working folder.
    static func decode(
        _ text: String, name: String, folder: String = ""
    ) throws(DocumentError) -> (configuration: Configuration, warnings: [Problem]) {
        try decode(Array(text.utf8), name: name, folder: folder)
    }

    private static func decode(
        _ bytes: [UInt8], name: String, folder: String
    ) throws(DocumentError) -> (configuration: Configuration, warnings: [Problem]) {
        let (configuration, warnings) = try Document.decode(bytes, name: name) { root in
            var configuration = Configuration()
            configuration.read(root, folder: folder)
            Unsupported.report(in: root.field)
            return configuration
        }
        return (configuration, warnings)
    }

    private mutating func read(_ root: Fields, folder: String) {
        mesh = root["mesh"]?.string(checkedBy: Identity.complaint(aboutName:)) ?? mesh
        root["node"]?.mapping { node.read($0) }
        root["discovery"]?.mapping { discovery.read($0, folder: folder) }
        root["peers"]?.mapping { peers.read($0) }
        root["sweep"]?.mapping { fields in
            sweep.period = fields["period"]?.duration(in: .seconds(10)...(.seconds(86_400))) ?? sweep.period
        }
        root["channels"]?.mapping { readChannels($0, folder: folder) }
        probes = root["probes"].map { Configuration.probes($0, folder: folder) } ?? probes
        root["limits"]?.mapping { fields in
            limits.probesPerSecond = fields["probesPerSecond"]?.int(in: 1...100_000) ?? limits.probesPerSecond
            limits.series = fields["series"]?.int(in: 100...100_000) ?? limits.series
        }
        root["shutdown"]?.mapping { fields in
            shutdown.drain = fields["drain"]?.duration(in: .zero...(.seconds(600))) ?? shutdown.drain
        }
    }

    private mutating func readChannels(_ fields: Fields, folder: String) {
        for channel in Channel.allCases {
            fields[channel.rawValue]?.mapping { self[channel].read($0, of: channel, folder: folder) }
        }
        for name in Unsupported.channels {
            guard let field = fields[name] else { continue }
            var settings = ChannelSettings(of: .pod)
            field.mapping { settings.read($0, of: nil, folder: folder) }
        }
    }
}

extension Configuration.Node {
    fileprivate mutating func read(_ fields: Fields) {
        name = fields["name"]?.stringOrEmpty(checkedBy: Identity.complaint(aboutName:)) ?? name
        zone = fields["zone"]?.stringOrEmpty(checkedBy: Identity.complaint(aboutName:)) ?? zone
    }
}

extension Configuration.Discovery {
    fileprivate mutating func read(_ fields: Fields, folder: String) {
        interval = fields["interval"]?.duration(in: .seconds(1)...(.seconds(3600))) ?? interval
        let kubernetes = fields["kubernetes"]
        let file = fields["file"]
        let http = fields["http"]
        let sources = [kubernetes, file, http].compactMap(\.self)
        for second in sources.dropFirst() {
            second.refuseKey("only one of kubernetes, file and http can be set, and \(sources[0].path) is")
        }
        kubernetes?.mapping { fields in
            guard case .kubernetes(var namespace, var service) = source else { return }
            namespace = fields["namespace"]?.stringOrEmpty(checkedBy: Configuration.complaint(aboutLabel:)) ?? namespace
            service = fields["service"]?.string(checkedBy: Configuration.complaint(aboutLabel:)) ?? service
            source = .kubernetes(namespace: namespace, service: service)
        }
        if let path = file?.path(in: folder) { source = .file(path: path) }
        http?.mapping { fields in
            _ = fields.required("url")?.string(checkedBy: {
                $0.hasPrefix("http://") || $0.hasPrefix("https://") ? nil : "is not an http:// or https:// URL"
            })
        }
    }
}

extension Configuration.Peers {
    fileprivate mutating func read(_ fields: Fields) {
        fullMeshLimit = fields["fullMeshLimit"]?.int(in: 0...10_000) ?? fullMeshLimit
        watch = fields["watch"]?.int(in: 1...256) ?? watch
        suspects = fields["suspects"]?.int(in: 0...256) ?? suspects
        warmup = fields["warmup"]?.duration(in: .zero...(.seconds(3600))) ?? warmup
    }
}

extension Configuration.ChannelSettings {
    /// - Parameter channel: Nil for one that this release does not have.
    fileprivate mutating func read(_ fields: Fields, of channel: Channel?, folder: String) {
        mode = fields["mode"]?.mode() ?? mode
        if channel == .url {
            for key in ["interval", "timeout", "protocols"] {
                fields[key]?.refuseKey("each entry of probes has its own")
            }
            return
        }
        interval = fields["interval"]?.duration(in: .milliseconds(100)...(.seconds(3600))) ?? interval
        timeout = fields["timeout"]?.duration(in: .milliseconds(10)...(.seconds(60))) ?? timeout
        if channel == .node { port = fields["port"]?.int(in: 1...65535).map { UInt16($0) } ?? port }
        if let channel, channel.takesLargePayload { fields["large"]?.mapping { large.read($0) } }
        if channel == .ingress { caFile = fields["caFile"]?.path(in: folder) ?? caFile }
        if channel == .dns { readQuestion(fields, folder: folder) }
        guard let field = fields["protocols"], let list = field.list() else { return }
        if list.isEmpty { field.refuse("at least one protocol is needed; mode: off ends the channel") }
        var names: [String] = []
        for element in list {
            guard let name = element.choice(among: ProbeProtocol.allCases.map(\.rawValue)) else { continue }
            if names.contains(name) { element.refuse("\(name.quoted) stands here twice") }
            // resolv.conf(5) has no way to tell more of a server than its address.
            let possible = channel == .dns ? [.udp, .tcp] : channel?.protocols
            if let channel, let possible, let probe = ProbeProtocol(rawValue: name), !possible.contains(probe) {
                let names = possible.map(\.rawValue).joined(separator: ", ")
                element.refuse("the channel \(channel.rawValue) is not probed by \(name); possible: \(names)")
            }
            names.append(name)
        }
        protocols = names.compactMap(ProbeProtocol.init(rawValue:))
    }
}

extension Field {
    /// A string that `check` has nothing against, or an empty one: the default, spelled out.
    fileprivate func stringOrEmpty(checkedBy check: (String) -> String?) -> String? {
        string(checkedBy: { $0.isEmpty ? nil : check($0) })
    }

    /// A path; a relative one is relative to the configuration's folder.
    func path(in folder: String) -> String? {
        string(checkedBy: { $0.isEmpty ? "is not a path" : nil }).map { $0.hasPrefix("/") ? $0 : folder + $0 }
    }

    func mode() -> Configuration.Mode? {
        node.text.flatMap(Configuration.Mode.init(written:)) ?? choice()
    }
}

extension Configuration.Mode {
    /// YAML 1.1 reads `on` and `off` as booleans, and so Helm renders a value's `mode: on` as `mode: true`.
    init?(written text: String) {
        switch text {
        case "true": self = .on
        case "false": self = .off
        default: self.init(rawValue: text)
        }
    }
}
