internal import Discovery
internal import Documents
internal import Mesh
internal import Probing
internal import Reactor

extension RequestSettings {
    /// The keys of a configured target that are about the request itself.
    init(_ url: URLParts, _ fields: Fields, folder: String) {
        let tls = fields["tls"]
        var serverName: String?
        self.init(url: "")
        followsRedirects = fields["followRedirects"]?.bool() ?? false
        if let tls, url.scheme == "http", !followsRedirects { tls.refuseKey("is for https only") }
        tls?.mapping { serverName = readTLS($0, folder: folder) }
        let address = "\(serverName ?? url.host):\(url.port ?? 0)"
        self.url = "\(url.scheme)://\(address)\(url.path)\(url.query.map { "?\($0)" } ?? "")"

        method = fields["method"]?.choice() ?? method
        readBody(fields, folder: folder)
        readCredentials(fields, folder: folder)
        let given = fields["headers"]?.headers() ?? []
        if let field = fields["headers"], credentials != nil, given.contains(where: { $0.isNamed("authorization") }) {
            field.refuse("Authorization stands beside basicAuth or bearerTokenFile")
        }
        headers = given.map(\.line)
        // What libcurl would add by itself, and what it can't know when it is asked for another name.
        for name in ["Accept", "Expect", "Content-Type"] where !given.contains(where: { $0.isNamed(name) }) {
            headers.append("\(name):")
        }
        if serverName != nil, !given.contains(where: { $0.isNamed("host") }) {
            let isStandard = url.port == (url.scheme == "https" ? 443 : 80)
            headers.append("Host: \(url.host)\(isStandard ? "" : ":\(url.port ?? 0)")")
        }
        if let field = fields["http"], field.choice(among: ["1.1", "2"]) == "2" {
            isVersion2 = true
            if url.scheme != "https" { field.refuse("HTTP/2 is agreed on by ALPN: https only") }
        }
        expectation.bodyLimit = fields["maxBody"]?.int(in: 1...(1 << 20)) ?? expectation.bodyLimit
        fields["expect"]?.mapping { expectation.read($0, of: method) }
    }

    private mutating func readTLS(_ fields: Fields, folder: String) -> String? {
        if let path = fields["caFile"]?.path(in: folder) { trust = .file(path) }
        let (certificate, key) = (fields["certFile"], fields["keyFile"])
        if (certificate == nil) != (key == nil) {
            (certificate ?? key)?.refuseKey("certFile and keyFile belong together")
        }
        if let file = certificate?.path(in: folder), let keyFile = key?.path(in: folder) {
            clientCertificate = ClientCertificate(file: file, keyFile: keyFile)
        }
        return fields["serverName"]?.string(checkedBy: complaint(aboutHost:))
    }

    private mutating func readBody(_ fields: Fields, folder: String) {
        let (text, file) = (fields["body"], fields["bodyFile"])
        if let file, let text { file.refuseKey("only one of body and bodyFile can be set, and \(text.path) is") }
        if let field = text ?? file, !method.takesBody { field.refuseKey("a \(method.rawValue) request has no body") }
        if let field = text, let text = field.string() {
            let limit = RequestSettings.bodyLimit
            if text.utf8.count > limit { field.refuse("is longer than \(limit) bytes") }
            body = .bytes(Array(text.utf8))
        }
        if let path = file?.path(in: folder) { body = .file(path) }
    }

    private mutating func readCredentials(_ fields: Fields, folder: String) {
        let (basic, bearer) = (fields["basicAuth"], fields["bearerTokenFile"])
        if let basic, let bearer {
            bearer.refuseKey("only one of basicAuth and bearerTokenFile can be set, and \(basic.path) is")
        }
        basic?.mapping { fields in
            let user = fields.required("username")?.string(checkedBy: { text in
                text.isEmpty || text.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: ":") || $0 == 0x7f }
                    ? "is not a user's name: no colon, no control characters" : nil
            })
            let path = fields.required("passwordFile")?.path(in: folder)
            if let user, let path { credentials = .basic(user: user, passwordFile: path) }
        }
        if let path = bearer?.path(in: folder) { credentials = .bearer(tokenFile: path) }
    }
}

/// A header of a request.
private struct RequestHeader {
    let name: String
    let value: String

    /// In libcurl's form: a name with nothing but a colon would take away a header of its own.
    var line: String { value.isEmpty ? "\(name);" : "\(name): \(value)" }

    func isNamed(_ other: String) -> Bool { name.lowercased() == other.lowercased() }

    /// They tell where the request ends, and are libcurl's.
    static let framing = ["connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"]
}

extension Field {
    /// Errors never show a value: it may be a secret.
    fileprivate func headers() -> [RequestHeader]? {
        mapping { fields in
            var headers: [RequestHeader] = []
            for (name, field) in fields.entries() {
                guard let value = field.string() else { continue }
                let isToken = !name.isEmpty && name.utf8.allSatisfy(isTokenByte)
                if !isToken {
                    field.refuseKey("this is not the name of a header")
                } else if RequestHeader.framing.contains(name.lowercased()) {
                    field.refuseKey("this header can't be set")
                } else if headers.contains(where: { $0.isNamed(name) }) {
                    field.refuseKey("this header stands here twice")
                } else if value.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) {
                    field.refuse("a header's value has no line breaks and no control characters")
                } else {
                    headers.append(RequestHeader(name: name, value: value))
                }
            }
            return headers
        }
    }
}

/// RFC 9110, section 5.6.2.
private func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
