import Documents
import Mesh
import Testing

@testable import heartmesh

/// What is printed for a text: errors, or warnings when there are none.
func configurationLines(_ text: String) -> [String] {
    do throws(DocumentError) {
        return try Configuration.decode(text, name: "heartmesh.yaml").warnings.map(\.description)
    } catch {
        return error.problems.map(\.description)
    }
}

@Suite struct ConfigurationTests {
    @Test(arguments: ["", "# nothing\n", "{}", "node:\npeers: ~\nchannels:\n  pod:\n", "probes: []"])
    func anEmptyFileIsTheDefault(text: String) throws {
        let (configuration, warnings) = try Configuration.decode(text, name: "heartmesh.yaml")
        #expect(configuration == Configuration())
        #expect(warnings.isEmpty)
    }

    /// Everything in the file of the design's section 9 is the default, and the default passes its own validator.
    @Test func theContractsExampleIsTheDefault() throws {
        let text = """
            mesh: default                 # responders of another mesh are the wrong peer
            node: {name: "", zone: ""}    # default: NODE_NAME from the downward API, zone from the API
            discovery:
              interval: 60s
              kubernetes: {namespace: "", service: heartmesh-peers}
              # file: peers.yaml
              # http: {url: …}
            peers: {fullMeshLimit: 32, watch: 16, suspects: 8, warmup: 30s}
            sweep: {period: 10m}
            channels:
              pod: {mode: auto, interval: 10s, timeout: 4s, protocols: [http]}
            probes: []
            limits: {probesPerSecond: 100, series: 2000}
            shutdown: {drain: 15s}
            """
        let (configuration, warnings) = try Configuration.decode(text, name: "heartmesh.yaml")
        #expect(configuration == Configuration())
        #expect(
            warnings.map(\.description) == [
                "heartmesh.yaml:8:39: peers.suspects: has no effect in this release",
                "heartmesh.yaml:8:52: peers.warmup: has no effect in this release",
                "heartmesh.yaml:9:9: sweep.period: has no effect in this release",
                "heartmesh.yaml:13:10: limits.probesPerSecond: has no effect in this release",
                "heartmesh.yaml:13:32: limits.series: has no effect in this release",
                "heartmesh.yaml:14:12: shutdown.drain: has no effect in this release",
            ])
    }

    @Test func everyKeyIsRead() throws {
        let text = """
            mesh: blue
            node: {name: node-a.example, zone: eu_1}
            discovery: {interval: 5s, kubernetes: {namespace: net, service: beats}}
            peers: {fullMeshLimit: 0, watch: 8, suspects: 3, warmup: 1m}
            sweep: {period: 1h}
            channels: {pod: {mode: on, interval: 250ms, timeout: 1s, protocols: [http]}}
            limits: {probesPerSecond: 50, series: 500}
            shutdown: {drain: 0s}
            """
        let configuration = try Configuration.decode(text, name: "heartmesh.yaml").configuration
        #expect(configuration.mesh == "blue")
        #expect(configuration.node == Configuration.Node(name: "node-a.example", zone: "eu_1"))
        #expect(configuration.discovery.interval == .seconds(5))
        #expect(configuration.discovery.source == .kubernetes(namespace: "net", service: "beats"))
        #expect(
            configuration.peers
                == Configuration.Peers(fullMeshLimit: 0, watch: 8, suspects: 3, warmup: .seconds(60)))
        #expect(configuration.sweep.period == .seconds(3600))
        #expect(
            configuration[.pod]
                == Configuration.ChannelSettings(
                    mode: .on, interval: .milliseconds(250), timeout: .seconds(1), protocols: [.http]))
        #expect(configuration.limits == Configuration.Limits(probesPerSecond: 50, series: 500))
        #expect(configuration.shutdown.drain == .zero)
    }

    /// JSON is YAML, and Helm renders `mode: on` as `mode: true`.
    @Test func jsonAndHelmsBooleans() throws {
        let on = try Configuration.decode(#"{"channels": {"pod": {"mode": true}}}"#, name: "c.json").configuration
        #expect(on[.pod].mode == .on)
        let off = try Configuration.decode("channels: {pod: {mode: false}}", name: "c.yaml").configuration
        #expect(off[.pod].mode == .off)
    }

    @Test(arguments: [
        ("", "peers.yaml", "peers.yaml"), ("/etc/heartmesh/", "peers.yaml", "/etc/heartmesh/peers.yaml"),
        ("conf/", "../peers.yaml", "conf/../peers.yaml"), ("/etc/", "/srv/peers.yaml", "/srv/peers.yaml"),
    ])
    func theFileIsRelativeToTheConfiguration(folder: String, path: String, expected: String) throws {
        let text = "discovery: {file: \(path)}"
        let configuration = try Configuration.decode(text, name: "heartmesh.yaml", folder: folder).configuration
        #expect(configuration.discovery.source == .file(path: expected))
    }

    @Test func unreadableFilesAreOneLine() {
        let missing = #expect(throws: DocumentError.self) { try Configuration.load(path: "/nowhere/heartmesh.yaml") }
        #expect(missing?.description == "/nowhere/heartmesh.yaml: cannot be read: No such file or directory")
        let folder = #expect(throws: DocumentError.self) { try Configuration.load(path: "/tmp") }
        #expect(folder?.description == "/tmp: cannot be read: Is a directory")
        #expect(throws: Never.self) { try Configuration.load(path: "/dev/null") }
    }
}
