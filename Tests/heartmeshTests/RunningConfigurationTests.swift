import Documents
import Foundation
import Testing

@testable import heartmesh

/// What an exporter that runs takes from another configuration, and what it does not.
struct RunningConfigurationTests {
    private func running(_ text: String, folder: String = "", _ options: RunOptions = RunOptions()) throws
        -> Configuration.Running
    {
        var options = options
        options.environmentNodeName = "node-a"
        let configuration = try Configuration.decode(text, name: "heartmesh.yaml", folder: folder).configuration
        return Configuration.Running(configuration: configuration, options: options, node: "node-a")
    }

    private func problems(_ text: String, folder: String = "", for running: Configuration.Running) -> [String] {
        do {
            _ = try Configuration.decode(text, name: "heartmesh.yaml", folder: folder, for: running)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private static let restart = "while the exporter runs: restart it"

    @Test(arguments: [
        ("", "mesh: other", "1:7: mesh: can't become \"other\" instead of \"default\""),
        ("mesh: one", "peers: {watch: 9}", "1:1: mesh can't become \"default\" instead of \"one\""),
        ("", "node: {name: b}", "1:14: node.name: can't become \"b\" instead of \"node-a\""),
        (
            "", "discovery: {kubernetes: {namespace: n}}",
            "1:37: discovery.kubernetes.namespace: can't become \"n\" instead of \"\""
        ),
        (
            "discovery: {kubernetes: {service: a}}", "mesh: default",
            "1:1: discovery.kubernetes.service can't become \"heartmesh-peers\" instead of \"a\""
        ),
        (
            "discovery: {file: a.yaml}", "discovery:\n  file: b.yaml",
            "2:9: discovery.file: can't become \"b.yaml\" instead of \"a.yaml\""
        ),
        (
            "", "discovery: {file: b.yaml}",
            "1:19: discovery.file: the peers can't come from a file instead of Kubernetes"
        ),
        (
            "discovery: {file: b.yaml}", "mesh: default",
            "1:1: the peers can't come from Kubernetes instead of a file"
        ),
    ])
    func whatTakesARestart(old: String, new: String, line: String) throws {
        #expect(problems(new, for: try running(old)) == ["heartmesh.yaml:\(line) \(Self.restart)"])
    }

    /// All else, and the same written in another way.
    @Test(arguments: [
        ("node: {zone: z9}\npeers: {fullMeshLimit: 2, watch: 3, warmup: 1s}\nlimits: {series: 500}"),
        ("mesh: default\ndiscovery: {interval: 5s, kubernetes: {service: heartmesh-peers}}"),
        ("channels: {pod: {mode: off}, dns: {name: a.b}, url: {mode: off}}\nshutdown: {drain: 1s}"),
        ("probes: [{name: a, url: 'http://h'}, {name: b, dns: {server: 192.0.2.1, name: a.b}}]"),
        ("node: {name: node-a}"),
    ])
    func whatDoesNot(new: String) throws {
        #expect(problems(new, for: try running("")) == [])
    }

    @Test func theFlagGivesTheName() throws {
        var options = RunOptions()
        options.nodeName = "node-a"
        #expect(problems("node: {name: b}", for: try running("", options)) == [])
    }

    @Test func everythingWrongIsToldAtOnce() throws {
        let found = problems("mesh: other\nnode: {name: b}\npeers: {watch: 0}", for: try running(""))
        #expect(found.count == 3)
    }

    // MARK: Files

    private static let probe = "probes: [{name: a, url: 'https://h', "

    @Test(arguments: [
        ("basicAuth: {username: u, passwordFile: FILE}", "probes[0].basicAuth.passwordFile", "a\nb"),
        ("bearerTokenFile: FILE", "probes[0].bearerTokenFile", ""),
        ("method: POST, bodyFile: FILE", "probes[0].bodyFile", nil),
        ("tls: {caFile: FILE}", "probes[0].tls.caFile", "no certificate"),
    ])
    func aFileThatIsOfNoUse(keys: String, path: String, content: String?) throws {
        let folder = try Folder()
        let text = Self.probe + keys.replacing("FILE", with: "f") + "}]"
        if let content { try folder.write(content, "f") }
        // For one that starts it is a warning: its other probes need not wait.
        let loaded = try Configuration.decode(text, name: "heartmesh.yaml", folder: folder.path + "/")
        #expect(loaded.warnings.count == 1 && loaded.warnings[0].path == path)
        #expect(loaded.warnings[0].message.hasPrefix("\(folder.path)/f "))
        // One that runs stays with what it has.
        let other = try running("")
        let found = problems(text, folder: folder.path + "/", for: other)
        #expect(found.count == 1 && found[0].contains(path))
        // Unless that names the same file, which may have gone since.
        let same = try running(text, folder: folder.path + "/")
        #expect(problems(text, folder: folder.path + "/", for: same) == [])
    }

    @Test func filesThatAreGood() throws {
        let folder = try Folder()
        for (name, content) in [("p", "password\n"), ("ca", "-----BEGIN CERTIFICATE-----\n"), ("body", "{}")] {
            try folder.write(content, name)
        }
        let text = """
            channels: {ingress: {caFile: ca}}
            probes:
              - name: a
                url: https://h
                method: POST
                bodyFile: body
                basicAuth: {username: u, passwordFile: \(folder.path)/p}
                tls: {caFile: ca, certFile: ca, keyFile: ca}
              - {name: b, dns: {server: 192.0.2.1, protocol: tls, name: a.b, caFile: ca}}
            """
        #expect(problems(text, folder: folder.path + "/", for: try running("")) == [])
        let loaded = try Configuration.decode(text, name: "heartmesh.yaml", folder: folder.path + "/")
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.configuration.files == Set(["p", "ca", "body"].map { "\(folder.path)/\($0)" }))
    }

    /// Whoever opens a pipe waits for the one who writes it.
    @Test func aPipeIsNotOpened() throws {
        let folder = try Folder()
        mkfifo("\(folder.path)/f", 0o600)
        let found = problems(
            Self.probe + "bearerTokenFile: f}]", folder: folder.path + "/", for: try running(""))
        #expect(found.count == 1 && found[0].hasSuffix("/f is not a regular file"))
    }
}
