internal import Discovery
internal import Mesh
internal import Probing
internal import Reactor

/// What is probed on the channel `dns`: the servers that resolv.conf names, which is read again and again, and the
/// configured ones.
final class DNSTargets {
    /// A server, under the name of its target, and what it is asked.
    struct Entry: Equatable {
        let service: NamedService
        let name: String
        let question: DNSQuestion
    }

    private var settings: Configuration.ChannelSettings
    private var period: Duration
    private let apiServer: IPAddress?
    private var configured: [Entry]
    private let loop: EventLoop
    private let changed: ([Entry]) -> Void
    private let complain: (String) -> Void
    private var alarm: Alarm!
    private var told: [Entry]?
    /// What of the file was complained about.
    private var notes: [ResolvConf.Note] = []
    /// The last one that could be read.
    private var resolvConf: ResolvConf?

    /// - Parameters:
    ///   - apiServer: The cluster IP of the API server's Service; nil where it is not known.
    ///   - changed: Called with everything that is probed, when that is something else than before.
    ///   - complain: Of resolv.conf, for the log.
    init(
        _ configuration: Configuration, apiServer: IPAddress?, on loop: EventLoop,
        changed: @escaping ([Entry]) -> Void, complain: @escaping (String) -> Void
    ) {
        settings = configuration[.dns]
        period = configuration.discovery.interval
        configured = configuration.probes.compactMap(Entry.init)
        self.apiServer = apiServer
        self.loop = loop
        self.changed = changed
        self.complain = complain
        alarm = loop.alarm { [unowned self] in look() }
    }

    deinit {
        loop.remove(alarm)
    }

    /// Looks for the first time, and calls `changed` if there is anything.
    func start() {
        look()
    }

    /// Goes on with another configuration. What is known of the same resolv.conf stays, should it not be readable now.
    func replace(_ configuration: Configuration) {
        let old = settings
        settings = configuration[.dns]
        period = configuration.discovery.interval
        configured = configuration.probes.compactMap(Entry.init)
        if settings.mode == .off || settings.resolvConf != old.resolvConf {
            resolvConf = nil
            notes = []
        }
        alarm.cancel()
        look()
    }

    private func look() {
        if settings.mode != .off {
            read()
            alarm.deadline = .now() + period
        }
        let entries = configured + (resolvConf.map { settings.entries(of: $0, apiServer: apiServer) } ?? [])
        if entries == told ?? [] { return }
        told = entries
        changed(entries)
    }

    private func read() {
        do {
            let found = ResolvConf(try readFile(settings.resolvConf, limit: 1 << 20))
            for note in found.notes where !notes.contains(note) { complain("\(settings.resolvConf): \(note)") }
            notes = found.notes
            resolvConf = found
        } catch {
            // What was known stays. Elsewhere than in a cluster there need not be one.
            if resolvConf != nil || settings.mode == .on { complain(error.description) }
        }
    }
}

extension DNSTargets.Entry {
    /// - Returns: Nil for another kind of target.
    init?(_ probe: Configuration.Probe) {
        switch probe.kind {
        case .url: return nil
        case .dns(let server):
            let isEncrypted = server.transport == .tls || server.transport == .https
            let host = server.place.address == nil ? server.place.host : ""
            service = NamedService(
                channel: .dns, name: probe.name, probe: server.transport,
                host: isEncrypted ? (server.serverName.isEmpty ? host : server.serverName) : "", path: server.path,
                port: server.port, addresses: [server.place.address].compactMap(\.self),
                names: host.isEmpty ? [] : [host])
            name = probe.name
            question = server.question
        }
    }
}

extension Configuration.ChannelSettings {
    /// The targets of resolv.conf: every server is asked every question, over each protocol.
    func entries(of resolvConf: ResolvConf, apiServer: IPAddress?) -> [DNSTargets.Entry] {
        if resolvConf.nameservers.isEmpty { return [] }
        return questions(resolvConf, apiServer: apiServer).flatMap { question in
            protocols.map { probe in
                // Without the dot at the end.
                let name = "\(question.name.description.dropLast())/\(question.type)"
                return DNSTargets.Entry(
                    service: NamedService(
                        channel: .dns, name: name, probe: probe, path: "", port: 53,
                        addresses: resolvConf.nameservers),
                    name: name, question: question)
            }
        }
    }

    /// What the servers are asked.
    ///
    /// Without a configured name it is the cluster's own name for its API server, found by the search list that the
    /// kubelet writes; without such a list nothing. Then both families are asked for, as the resolver of a program
    /// does, and an answer is needed of the one that this Service has: it has one only, in a dual-stack cluster too, and
    /// for the other NOERROR without an answer is right.
    private func questions(_ resolvConf: ResolvConf, apiServer: IPAddress?) -> [DNSQuestion] {
        if let name { return (types.isEmpty ? [.a] : types).map { DNSQuestion(name: name, type: $0) } }
        guard let domain = resolvConf.search.first(where: { $0.description.lowercased().hasPrefix("svc.") }),
            let name = try? DNSName("kubernetes.default.\(domain)")
        else { return [] }
        if !types.isEmpty { return types.map { DNSQuestion(name: name, type: $0) } }
        return [DNSType.a, .aaaa].map { type in
            var question = DNSQuestion(name: name, type: type)
            if (type == .aaaa) != (apiServer?.family == .ipv6) { question.expectation = .anAnswerOrNone }
            return question
        }
    }
}
