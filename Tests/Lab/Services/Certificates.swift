import Support

/// Certificates of a private authority, made with openssl(1): `NAME.crt` and `NAME.key` in a folder.
enum Certificates {
    /// - Parameter names: The names that each certificate is good for, as openssl takes them: `DNS:a.example,IP:192.0.2.1`.
    static func make(_ names: [(file: String, names: String)], in folder: Folder) throws {
        try folder.write(
            """
            [req]
            distinguished_name = name
            [name]
            [authority]
            basicConstraints = critical, CA:TRUE
            keyUsage = critical, keyCertSign
            [server]
            basicConstraints = CA:FALSE
            extendedKeyUsage = serverAuth

            """, "openssl.conf")
        try make("authority", section: "authority", in: folder)
        for (file, names) in names { try make(file, section: "server", names: names, in: folder) }
    }

    private static func make(_ file: String, section: String, names: String? = nil, in folder: Folder) throws {
        let path = folder.path
        var words = [
            "req", "-x509", "-config", "\(path)/openssl.conf", "-extensions", section, "-subj", "/CN=lab \(file)",
            "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", "\(path)/\(file).key", "-out", "\(path)/\(file).crt",
        ]
        if let names {
            words += ["-addext", "subjectAltName=\(names)"]
            words += ["-CA", "\(path)/authority.crt", "-CAkey", "\(path)/authority.key"]
        }
        let openssl = try Running("openssl", words)
        guard openssl.waitForExit() == .code(0) else { throw ToolFailed(description: "openssl: \(openssl.errorText)") }
    }
}
