internal import Documents
internal import Reactor

extension APIServer {
    /// The API server of a kubeconfig's current context, as kubectl(1) would use it.
    ///
    /// Certificates and keys in the file or beside it, and tokens. Programs (`exec`), cloud providers' plugins, passwords
    /// and unverified TLS are refused.
    package static func kubeconfig(_ path: String) throws(Invalid) -> APIServer {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let bytes: [UInt8]
        do {
            bytes = try readFile(path, limit: 1 << 20)
        } catch {
            throw Invalid("the kubeconfig can't be read: \(error)")
        }
        let decoded: (server: APIServer?, problem: Invalid?)
        do {
            decoded = try Document.decode(bytes, name: path, unknownKeys: .ignored) { fields in
                Kubeconfig(folder: folder).server(fields)
            }.value
        } catch {
            throw Invalid(error.description)
        }
        if let problem = decoded.problem { throw problem }
        guard let server = decoded.server else { preconditionFailure("a kubeconfig without a server or a problem") }
        return server
    }
}

/// Reads a kubeconfig's parts; paths in it are relative to its folder.
private struct Kubeconfig {
    let folder: String

    func server(_ fields: Fields) -> (APIServer?, APIServer.Invalid?) {
        guard let contextName = fields.required("current-context"),
            let context = entry("context", of: fields, named: contextName),
            let clusterName = context.required("cluster"),
            let cluster = entry("cluster", of: fields, named: clusterName)
        else { return (nil, nil) }
        guard let address = cluster.required("server"), let url = address.string() else { return (nil, nil) }
        if URLAuthority(url) == nil { address.refuse("\"\(url)\" is not a URL such as https://10.96.0.1:443") }
        var server = APIServer(url: url)
        server.namespace = context["namespace"]?.string()
        if let insecure = cluster["insecure-skip-tls-verify"], insecure.bool() == true {
            insecure.refuse("TLS is always verified")
        }
        cluster["proxy-url"]?.refuseKey("proxies are not supported")
        server.serverName = cluster["tls-server-name"]?.string()
        do throws(APIServer.Invalid) {
            server.trust = try bytes(of: "certificate-authority", in: cluster)
            if let userName = context["user"], let user = entry("user", of: fields, named: userName) {
                try addUser(user, to: &server)
            }
        } catch {
            return (nil, error)
        }
        return (server, nil)
    }

    private func addUser(_ user: Fields, to server: inout APIServer) throws(APIServer.Invalid) {
        user["exec"]?.refuseKey("programs are not run: use a token or a client certificate")
        user["auth-provider"]?.refuseKey("plugins are not supported: use a token or a client certificate")
        user["username"]?.refuseKey("passwords are not supported: use a token or a client certificate")
        if let file = user["tokenFile"]?.string() {
            _ = try APIServer.readToken(resolve(file))
            server.token = .file(resolve(file))
        } else if let token = user["token"]?.string()?.filter({ !$0.isWhitespace }), !token.isEmpty {
            server.token = .literal(token)
        }
        let certificate = try bytes(of: "client-certificate", in: user)
        let key = try bytes(of: "client-key", in: user)
        switch (certificate, key) {
        case (let certificate?, let key?):
            server.clientCertificate = (certificate, key)
            // OpenSSL would ask for the passphrase on the terminal, and the loop would wait for it.
            if String(decoding: key, as: UTF8.self).contains("ENCRYPTED") {
                (user["client-key-data"] ?? user["client-key"])?.refuse("the key must not be encrypted")
            }
        case (nil, nil): break
        default: user.field.refuse("a client certificate needs its key, and a key its certificate")
        }
    }

    /// The named entry of a list such as `clusters`, whose entries hold a name and a mapping under `kind`.
    private func entry(_ kind: String, of fields: Fields, named name: Field) -> Fields? {
        guard let wanted = name.string() else { return nil }
        for element in fields.required("\(kind)s")?.list() ?? [] {
            let found = element.mapping { entry -> Fields? in
                guard entry["name"]?.string() == wanted else { return nil }
                return entry.required(kind)?.mapping { $0 }
            }
            if let found = found.flatMap({ $0 }) { return found }
        }
        name.refuse("there is no \(kind) \"\(wanted)\"")
        return nil
    }

    /// What a key names: `KEY-data` holds it in base64, `KEY` is the path of a file.
    private func bytes(of key: String, in fields: Fields) throws(APIServer.Invalid) -> [UInt8]? {
        if let data = fields["\(key)-data"] {
            guard let text = data.string() else { return nil }
            guard let bytes = decodeBase64(text) else {
                data.refuse("the value is not base64")
                return nil
            }
            return bytes
        }
        guard let path = fields[key]?.string() else { return nil }
        do {
            return try readFile(resolve(path), limit: 1 << 20)
        } catch {
            throw APIServer.Invalid("\(key) can't be read: \(error)")
        }
    }

    private func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : folder + path
    }
}
