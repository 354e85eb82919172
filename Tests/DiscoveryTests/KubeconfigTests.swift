import Testing

@testable import Discovery

struct KubeconfigTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Reads a kubeconfig with these members of its cluster, its user and its context.
    private func server(cluster: String = "", user: String = "", context: String = "") throws -> APIServer {
        try folder.write(
            "config",
            """
            apiVersion: v1
            kind: Config
            preferences: {}
            current-context: lab
            clusters:
              - name: other
                cluster: {server: "https://192.0.2.9", insecure-skip-tls-verify: true}
              - name: lab
                cluster: {server: "https://192.0.2.1:6443", \(cluster)}
            contexts:
              - name: lab
                context: {cluster: lab, user: reader, \(context)}
            users:
              - {name: admin, user: {exec: {command: cloud}}}
              - name: reader
                user: {\(user)}
            """)
        return try APIServer.kubeconfig(folder["config"])
    }

    /// What is wrong with an entry that is not the context's does not matter.
    @Test func theCurrentContextTells() throws {
        let server = try server(cluster: "extensions: [{name: x}]", context: "namespace: monitoring")
        #expect(server.url == "https://192.0.2.1:6443")
        #expect(server.namespace == "monitoring")
        #expect(server.token == .none)
        #expect(server.trust == nil && server.clientCertificate == nil && server.serverName == nil)
        #expect(try self.server().namespace == nil)
    }

    @Test(arguments: ["token: abc", "token: \"abc\\n\"", "token: abc, tokenFile: null"]) func aToken(user: String)
        throws
    {
        #expect(try server(user: user).token == .literal("abc"))
    }

    @Test func anEmptyTokenIsNone() throws {
        #expect(try server(user: "token: \"\"").token == .none)
    }

    /// Relative to the kubeconfig, and read again for each look; it wins over a token in the file.
    @Test func aTokenFile() throws {
        try folder.write("token", "abc\n")
        for name in ["token", folder["token"], "./token"] {
            let server = try server(user: "token: literal, tokenFile: \(name)")
            #expect(try server.authorization() == "Bearer abc")
        }
        #expect(try server(user: "tokenFile: token").token == .file(folder["token"]))
    }

    @Test func certificatesInTheFile() throws {
        let server = try server(
            cluster: "certificate-authority-data: Q0E=",
            user: "client-certificate-data: Q0VSVA==, client-key-data: \"S0\n  VZ\"")
        #expect(server.trust == Array("CA".utf8))
        #expect(server.clientCertificate?.certificate == Array("CERT".utf8))
        #expect(server.clientCertificate?.key == Array("KEY".utf8))
    }

    @Test func certificatesBesideTheFile() throws {
        try folder.write("ca.crt", "CA")
        try folder.write("tls.crt", "CERT")
        try folder.write("tls.key", "KEY")
        let server = try server(
            cluster: "certificate-authority: ca.crt",
            user: "client-certificate: tls.crt, client-key: \(folder["tls.key"])")
        #expect(server.trust == Array("CA".utf8))
        #expect(server.clientCertificate?.certificate == Array("CERT".utf8))
        #expect(server.clientCertificate?.key == Array("KEY".utf8))
        // As kubectl has it, data goes before the file.
        #expect(
            try self.server(cluster: "certificate-authority: ca.crt, certificate-authority-data: RGF0YQ==").trust
                == Array("Data".utf8))
    }

    @Test func theServersName() throws {
        #expect(try server(cluster: "tls-server-name: api.example").serverName == "api.example")
    }

    @Test func aUserIsNotNeeded() throws {
        try folder.write(
            "config",
            """
            {"current-context": "a", "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:8001/"}}],
             "contexts": [{"name": "a", "context": {"cluster": "a"}}]}
            """)
        let server = try APIServer.kubeconfig(folder["config"])
        #expect(server.url == "http://127.0.0.1:8001")
        #expect(try server.authorization() == nil)
    }

    @Test(arguments: ["false", "null"]) func verifiedTLSMayBeAskedFor(value: String) throws {
        #expect(try server(cluster: "insecure-skip-tls-verify: \(value)").url == "https://192.0.2.1:6443")
    }
}
