internal import Documents
internal import Probing
internal import Reactor

/// What a file that the configuration names has to hold.
private enum FileKind {
    case pem, secret, body

    /// What is wrong with the file, if anything.
    func complaint(about path: String) -> String? {
        // To open a pipe is to wait for whoever writes it.
        if let version = FileVersion(of: path), !version.isRegular { return "is not a regular file" }
        do {
            let bytes = try readFile(path, limit: limit)
            switch self {
            case .pem: return String(decoding: bytes, as: UTF8.self).contains("-----BEGIN ") ? nil : "has no PEM in it"
            case .secret: return secretLine(bytes) == nil ? "is not one line of text" : nil
            case .body: return nil
            }
        } catch {
            return "cannot be read: \(systemErrorText(error.errno))"
        }
    }

    private var limit: Int {
        switch self {
        case .pem: 1 << 20
        case .secret: secretLimit
        case .body: RequestSettings.bodyLimit
        }
    }
}

extension Configuration {
    private static let channelFiles: [(key: String, kind: FileKind)] = [("ingress.caFile", .pem)]
    private static let probeFiles: [(key: String, kind: FileKind)] = [
        ("bodyFile", .body), ("basicAuth.passwordFile", .secret), ("bearerTokenFile", .secret), ("tls.caFile", .pem),
        ("tls.certFile", .pem), ("tls.keyFile", .pem), ("dns.caFile", .pem),
    ]

    /// Looks at the files that the document names, which are read again whenever they are used.
    ///
    /// What is wrong with one is a warning for an exporter that starts: its other probes need not wait for a secret. It is
    /// an error for one that runs, which has a configuration to go on with, unless that one names the same file.
    mutating func checkFiles(in root: Field, folder: String, for running: Running?) {
        for (key, kind) in Configuration.channelFiles {
            checkFile(root.value(at: "channels.\(key)"), kind, folder: folder, for: running)
        }
        guard let probes = root.value(at: "probes"), probes.node.elements != nil else { return }
        for probe in probes.list() ?? [] {
            for (key, kind) in Configuration.probeFiles {
                checkFile(probe.value(at: key), kind, folder: folder, for: running)
            }
        }
    }

    private mutating func checkFile(_ field: Field?, _ kind: FileKind, folder: String, for running: Running?) {
        // Anything else than a path has been refused already.
        guard let field, let text = field.node.text, !text.isEmpty else { return }
        let path = text.hasPrefix("/") ? text : folder + text
        files.insert(path)
        guard let complaint = kind.complaint(about: path) else { return }
        if let running, !running.configuration.files.contains(path) {
            field.refuse("\(path) \(complaint)")
        } else {
            field.warn("\(path) \(complaint)")
        }
    }
}
