internal import Documents
internal import Mesh
internal import Probing

extension Configuration {
    /// A configured DNS server, and what it is asked.
    struct DNSServer: Equatable, Sendable {
        let place: DNSServerPlace
        let transport: ProbeProtocol
        /// The name that its certificate must carry; empty: that of the place.
        var serverName = ""
        var question: DNSQuestion

        var port: UInt16 {
            if let port = place.port { return port }
            return switch transport {
            case .tls: 853
            case .https: 443
            default: 53
            }
        }

        var path: String {
            transport == .https ? place.path ?? "/dns-query" : ""
        }
    }
}

extension Configuration.DNSServer {
    static func read(_ fields: Fields, folder: String) -> Self? {
        let place = place(fields)
        let transport = transport(fields, isURL: place?.path != nil)
        let type = type(fields["type"]) ?? .a
        let name = fields.required("name").flatMap(DNSName.read)
        var question = name.map { DNSQuestion(name: $0, type: type) }

        if let recursion = fields["recursion"]?.bool() { question?.recursionDesired = recursion }
        if let field = fields["tcpFallback"], let repeats = field.bool() {
            if transport != .udp { field.refuseKey("is for udp only") }
            question?.repeatsTruncatedOverTCP = repeats
        }
        if let expectation = fields["expect"]?.mapping({ expectation($0, of: type) }) ?? nil {
            question?.expectation = expectation
        }
        let serverName = fields["serverName"]
        let caFile = fields["caFile"]
        for field in [serverName, caFile].compactMap(\.self) where transport == .udp || transport == .tcp {
            field.refuseKey("is for tls and https only")
        }
        let host = serverName?.string(checkedBy: DNSServerPlace.complaint(aboutHost:))
        if let path = caFile?.path(in: folder) { question?.trust = .file(path) }

        guard let place, let transport, let question else { return nil }
        return Self(place: place, transport: transport, serverName: host ?? "", question: question)
    }

    private static func place(_ fields: Fields) -> DNSServerPlace? {
        guard let field = fields.required("server"), let text = field.string() else { return nil }
        do {
            return try DNSServerPlace(text)
        } catch {
            field.refuse(error.description)
            return nil
        }
    }

    private static func transport(_ fields: Fields, isURL: Bool) -> ProbeProtocol? {
        guard let field = fields["protocol"] else { return isURL ? .https : .udp }
        guard let name = field.choice(among: Channel.dns.protocols.map(\.rawValue)) else { return nil }
        if isURL, name != ProbeProtocol.https.rawValue { field.refuse("the server is a URL: it is asked over https") }
        return ProbeProtocol(rawValue: name)
    }

    private static func type(_ field: Field?) -> DNSType? {
        field.flatMap(DNSType.read)
    }

    private static func expectation(_ fields: Fields, of type: DNSType) -> DNSExpectation? {
        let rcodes = fields["rcode"]?.list()?.map { element -> DNSRcode? in
            guard let text = element.string() else { return nil }
            if let rcode = DNSRcode(text) { return rcode }
            element.refuse("\(text.quoted) is not a DNS response code such as NOERROR or NXDOMAIN")
            return nil
        }
        let answers = fields["answers"]?.list()?.compactMap { $0.string() }
        let match = fields["match"]?.choice(of: DNSExpectation.Match.self)
        let needsAnswer = fields["needsAnswer"]?.bool()
        let known = (rcodes ?? [.noError]).compactMap(\.self)
        // One mistake is told once.
        if let rcodes, known.count < rcodes.count { return nil }
        do {
            return try DNSExpectation(
                of: type, rcodes: known, needsAnswer: needsAnswer ?? true, answers: answers ?? [],
                match: match ?? .any)
        } catch {
            fields.field.refuse(error.description)
            return nil
        }
    }
}

extension Configuration.ChannelSettings {
    /// The keys that only the channel `dns` has.
    mutating func readQuestion(_ fields: Fields, folder: String) {
        resolvConf = fields["resolvConf"]?.path(in: folder) ?? resolvConf
        name = fields["name"].flatMap(DNSName.read) ?? name
        guard let field = fields["types"], let list = field.list() else { return }
        if list.isEmpty { field.refuse("at least one type is needed") }
        types = []
        for element in list {
            guard let type = DNSType.read(element) else { continue }
            if types.contains(type) { element.refuse("\(type) stands here twice") }
            types.append(type)
        }
    }
}

extension DNSName {
    fileprivate static func read(_ field: Field) -> DNSName? {
        guard let text = field.string() else { return nil }
        do {
            return try DNSName(text)
        } catch {
            field.refuse(error.description)
            return nil
        }
    }
}

extension DNSType {
    fileprivate static func read(_ field: Field) -> DNSType? {
        guard let text = field.string() else { return nil }
        if let type = DNSType(text) { return type }
        field.refuse("\(text.quoted) is not a type that can be asked for, such as A, AAAA or TYPE65")
        return nil
    }
}
