import Mesh
import Testing

@testable import Discovery

/// A pod's service account, as the kubelet mounts it.
struct APIServerTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("ca.crt", "-----BEGIN CERTIFICATE-----\n")
        try folder.write("token", "eyJhbGciOi.first\n")
        try folder.write("namespace", "monitoring\n")
    }

    private let cluster = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

    private func server(_ environment: [String: String]) throws(APIServer.Invalid) -> APIServer {
        try APIServer.inCluster(folder: folder.path) { environment[$0] }
    }

    private func expectInvalid(_ environment: [String: String], _ text: String) {
        let error = #expect(throws: APIServer.Invalid.self) { try server(environment) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }

    @Test func theServiceAccount() throws {
        let server = try server(cluster)
        #expect(server.url == "https://10.96.0.1:443")
        #expect(server.trust == Array("-----BEGIN CERTIFICATE-----\n".utf8))
        #expect(server.token == .file(folder["token"]))
        #expect(try server.authorization() == "Bearer eyJhbGciOi.first")
        #expect(server.namespace == "monitoring")
        #expect(server.clientCertificate == nil)
        #expect(server.serverName == nil)
    }

    @Test(arguments: [("fd00:96::1", "https://[fd00:96::1]:6443"), ("api.example", "https://api.example:6443")])
    func hostsOfOtherKinds(host: String, url: String) throws {
        #expect(
            try server(["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "6443"]).url == url)
    }

    @Test(arguments: [
        [:], ["KUBERNETES_SERVICE_HOST": "10.96.0.1"], ["KUBERNETES_SERVICE_PORT": "443"],
        ["KUBERNETES_SERVICE_HOST": "", "KUBERNETES_SERVICE_PORT": ""],
    ])
    func outsideOfAClusterItSaysWhatToDo(environment: [String: String]) {
        expectInvalid(environment, "give --kubeconfig, or name a static mesh with discovery.file")
    }

    @Test func aMissingToken() throws {
        try folder.remove("token")
        expectInvalid(cluster, "the token can't be read: open \(folder["token"]): No such file or directory")
    }

    @Test(arguments: ["", " \n\t"]) func anEmptyToken(text: String) throws {
        try folder.write("token", text)
        expectInvalid(cluster, "the token in \(folder["token"]) is empty")
    }

    @Test func aTokenThatIsNoToken() throws {
        try folder.write("token", String(repeating: "x", count: 70_000))
        expectInvalid(cluster, "the token can't be read: read \(folder["token"]): File too large")
    }

    @Test func aMissingAuthority() throws {
        try folder.remove("ca.crt")
        expectInvalid(
            cluster,
            "the cluster's certificate authority can't be read: open \(folder["ca.crt"]): No such file or directory")
    }

    @Test func theNamespaceMayBeMissing() throws {
        try folder.write("namespace", "\n")
        #expect(try server(cluster).namespace == nil)
        try folder.remove("namespace")
        #expect(try server(cluster).namespace == nil)
    }

    @Test func theTokenIsReadEachTime() throws {
        let server = try server(cluster)
        try folder.write("token", "second")
        #expect(try server.authorization() == "Bearer second")
        try folder.remove("token")
        let failure = #expect(throws: DiscoveryFailure.self) { try server.authorization() }
        #expect(failure?.reason == .credentials)
        #expect(failure?.retryAfter == .zero)
    }

    @Test func tokensOfOtherKinds() throws {
        var server = APIServer(url: "https://10.96.0.1/")
        #expect(server.url == "https://10.96.0.1")
        #expect(try server.authorization() == nil)
        server.token = .literal("abc")
        #expect(try server.authorization() == "Bearer abc")
    }

    /// Trap 36: an IPv6 address is one, and the name in the certificate has no port in it.
    @Test(arguments: [
        ("10.96.0.1", addresses("10.96.0.1"), []), ("fd00:96::1", addresses("fd00:96::1"), []),
        ("api.example", [], ["api.example"]),
    ])
    func theWaysToTheServer(host: String, addresses: [IPAddress], names: [String]) throws {
        let server = try server(["KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": "6443"])
        let cluster = "kubernetes.default.svc"
        #expect(
            server.services == [
                NamedService(
                    channel: .apiServer, name: host, probe: .https, host: names.first ?? "", path: "/livez", port: 6443,
                    addresses: addresses, names: names),
                NamedService(
                    channel: .apiServer, name: cluster, probe: .https, host: cluster, path: "/livez", port: 6443,
                    names: [cluster]),
            ])
    }

    @Test func outsideOfAClusterThereIsOneWay() {
        var server = APIServer(url: "https://192.0.2.1/k8s/c-1/")
        server.serverName = "api.example"
        #expect(
            server.services == [
                NamedService(
                    channel: .apiServer, name: "192.0.2.1", probe: .https, host: "api.example", path: "/k8s/c-1/livez",
                    port: 443, addresses: addresses("192.0.2.1"))
            ])
        #expect(APIServer(url: "http://192.0.2.1").services.isEmpty)
        #expect(APIServer(url: "https://a b").services.isEmpty)
    }
}
