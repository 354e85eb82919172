import Testing

@testable import Discovery

/// Kubeconfigs that can't be used: each says in which line and column, and why.
struct BadKubeconfigTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What reading it says, with the file's name instead of its path.
    private func lines(_ text: String) throws -> [String] {
        try folder.write("config", text)
        let error = #expect(throws: APIServer.Invalid.self) { try APIServer.kubeconfig(folder["config"]) }
        return (error?.description ?? "").replacing(folder.path + "/", with: "").split(separator: "\n").map(String.init)
    }

    private func config(cluster: String = "server: https://192.0.2.1", user: String = "token: abc") -> String {
        """
        current-context: lab
        contexts: [{name: lab, context: {cluster: lab, user: reader}}]
        clusters:
          - name: lab
            cluster: {\(cluster)}
        users:
          - name: reader
            user: {\(user)}
        """
    }

    @Test func theRestOfTheTableIsGood() throws {
        try folder.write("config", config())
        #expect(try APIServer.kubeconfig(folder["config"]).token == .literal("abc"))
    }

    @Test(arguments: [
        (
            "exec: {command: aws}",
            "config:8:12: users[0].user.exec: programs are not run: use a token or a client certificate"
        ),
        (
            "auth-provider: {name: gcp}",
            "config:8:12: users[0].user.auth-provider: plugins are not supported: use a token or a client certificate"
        ),
        (
            "token: abc, username: admin",
            "config:8:24: users[0].user.username: passwords are not supported: use a token or a client certificate"
        ),
        (
            "client-certificate-data: QQ==",
            "config:8:11: users[0].user: a client certificate needs its key, and a key its certificate"
        ),
        (
            "client-key-data: QQ==",
            "config:8:11: users[0].user: a client certificate needs its key, and a key its certificate"
        ),
        (
            "client-certificate-data: QQ==, client-key-data: Q",
            "config:8:60: users[0].user.client-key-data: the value is not base64"
        ),
        ("token: [a]", "config:8:19: users[0].user.token: text is expected here, not a list"),
    ])
    func badUsers(user: String, line: String) throws {
        #expect(try lines(config(user: user)).contains(line))
    }

    /// As PKCS #8 and as older formats say it.
    @Test(arguments: [
        "-----BEGIN ENCRYPTED PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED",
    ])
    func encryptedKeys(text: String) throws {
        #expect(
            try lines(config(user: "client-certificate-data: QQ==, client-key-data: \(text.base64)")) == [
                "config:8:60: users[0].user.client-key-data: the key must not be encrypted"
            ])
        try folder.write("tls.key", text)
        #expect(
            try lines(config(user: "client-certificate-data: QQ==, client-key: \(folder["tls.key"])")) == [
                "config:8:55: users[0].user.client-key: the key must not be encrypted"
            ])
    }

    @Test(arguments: [
        (
            "server: https://a, insecure-skip-tls-verify: true",
            "config:5:60: clusters[0].cluster.insecure-skip-tls-verify: TLS is always verified"
        ),
        (
            "server: https://a, proxy-url: http://b",
            "config:5:34: clusters[0].cluster.proxy-url: proxies are not supported"
        ),
        (
            "server: https://a, certificate-authority-data: '---'",
            "config:5:62: clusters[0].cluster.certificate-authority-data: the value is not base64"
        ),
        ("tls-server-name: a", "config:5:14: clusters[0].cluster.server: is required"),
        (
            "server: a:6443",
            "config:5:23: clusters[0].cluster.server: \"a:6443\" is not a URL such as https://10.96.0.1:443"
        ),
        (
            "server: ftp://a",
            "config:5:23: clusters[0].cluster.server: \"ftp://a\" is not a URL such as https://10.96.0.1:443"
        ),
        ("server: {}", "config:5:23: clusters[0].cluster.server: text is expected here, not a mapping"),
        (
            "server: https://a, insecure-skip-tls-verify: maybe",
            "config:5:60: clusters[0].cluster.insecure-skip-tls-verify: \"maybe\" is not true or false"
        ),
    ])
    func badClusters(cluster: String, line: String) throws {
        #expect(try lines(config(cluster: cluster)) == [line])
    }

    @Test(arguments: [
        ("", "config:1:1: current-context: is required"), ("{}", "config:1:1: current-context: is required"),
        ("current-context: lab", "config:1:1: contexts: is required"),
        (
            "current-context: lab\ncontexts: [{name: other, context: {cluster: c}}]",
            "config:1:18: current-context: there is no context \"lab\""
        ),
        ("current-context: lab\ncontexts: []", "config:1:18: current-context: there is no context \"lab\""),
        ("current-context: lab\ncontexts: [{name: lab}]", "config:2:12: contexts[0].context: is required"),
        (
            "current-context: lab\ncontexts: [{name: lab, context: {}}]",
            "config:2:33: contexts[0].context.cluster: is required"
        ),
        ("current-context: lab\ncontexts: [{name: lab, context: {cluster: c}}]", "config:1:1: clusters: is required"),
        (
            "current-context: lab\ncontexts: [{name: lab, context: {cluster: c}}]\nclusters: [{name: d, cluster: {}}]",
            "config:2:43: contexts[0].context.cluster: there is no cluster \"c\""
        ),
        (
            "current-context: lab\ncontexts: [{name: lab, context: {cluster: c, user: u}}]\n"
                + "clusters: [{name: c, cluster: {server: 'https://a'}}]\nusers: []",
            "config:2:52: contexts[0].context.user: there is no user \"u\""
        ),
        ("current-context: lab\ncontexts: {lab: {}}", "config:2:11: contexts: a list is expected here, not a mapping"),
        ("[]", "config:1:1: a mapping is expected here, not a list"),
    ])
    func partsThatAreMissing(text: String, line: String) throws {
        #expect(try lines(text).contains(line))
    }

    @Test func badSyntaxNamesItsLine() throws {
        let lines = try lines("current-context: lab\ncontexts: [")
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("config:"))
    }

    @Test func filesThatCannotBeRead() throws {
        func text(_ config: String) throws -> String { try lines(config).joined(separator: "\n") }
        #expect(
            try text(config(cluster: "server: https://a, certificate-authority: ca.crt"))
                == "certificate-authority can't be read: open ca.crt: No such file or directory")
        #expect(
            try text(config(user: "client-certificate: tls.crt, client-key: tls.key"))
                == "client-certificate can't be read: open tls.crt: No such file or directory")
        #expect(
            try text(config(user: "tokenFile: token"))
                == "the token can't be read: open token: No such file or directory")
        let error = #expect(throws: APIServer.Invalid.self) { try APIServer.kubeconfig(folder["none"]) }
        #expect(
            error?.description == "the kubeconfig can't be read: open \(folder["none"]): No such file or directory")
    }
}
