import Discovery
import Documents
import Mesh
import Probing
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
            peers: {fullMeshLimit: 20, watch: 16, suspects: 8, warmup: 30s}
            sweep: {period: 10m}
            channels:
              pod: {mode: auto, interval: 10s, timeout: 4s, protocols: [http, udp]}
            probes: []
            limits: {probesPerSecond: 100, series: 2000}
            shutdown: {drain: 15s}
            """
        let (configuration, warnings) = try Configuration.decode(text, name: "heartmesh.yaml")
        #expect(configuration == Configuration())
        #expect(
            warnings.map(\.description) == [
                "heartmesh.yaml:8:39: peers.suspects: has no effect in this release",
                "heartmesh.yaml:9:9: sweep.period: has no effect in this release",
                "heartmesh.yaml:13:10: limits.probesPerSecond: has no effect in this release",
                "heartmesh.yaml:13:32: limits.series: has no effect in this release",
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
        var pod = Configuration.ChannelSettings(of: .pod)
        (pod.mode, pod.interval, pod.timeout) = (.on, .milliseconds(250), .seconds(1))
        pod.protocols = [.http]
        #expect(configuration[.pod] == pod)
        #expect(configuration.limits == Configuration.Limits(probesPerSecond: 50, series: 500))
        #expect(configuration.shutdown.drain == .zero)
    }

    @Test func everyChannelIsRead() throws {
        let text = """
            channels:
              multus: {mode: off, protocols: [udp]}
              node: {interval: 20s, port: 22}
              cluster_ip: {timeout: 2s}
              hairpin: {mode: on}
              node_port: {interval: 1m}
              load_balancer: {interval: 5s}
              ingress: {protocols: [https], caFile: ingress.pem}
              api_server: {mode: off}
              dns: {protocols: [udp, tcp], name: example.com, types: [AAAA, MX], resolvConf: resolv.conf}
            """
        let configuration = try Configuration.decode(text, name: "heartmesh.yaml", folder: "/etc/hm/").configuration
        #expect(configuration.isOff(.multus) && configuration.isOff(.apiServer) && !configuration.isOff(.pod))
        #expect(configuration[.multus].protocols == [.udp])
        #expect(configuration[.node].interval == .seconds(20))
        #expect(configuration[.node].port == 22)
        #expect(configuration[.clusterIP].timeout == .seconds(2))
        #expect(configuration[.hairpin].mode == .on)
        #expect(configuration[.nodePort].interval == .seconds(60))
        #expect(configuration[.loadBalancer].interval == .seconds(5))
        #expect(configuration[.ingress].protocols == [.https])
        #expect(configuration[.ingress].caFile == "/etc/hm/ingress.pem")
        #expect(configuration[.ingress].trust == .file("/etc/hm/ingress.pem"))
        #expect(configuration[.dns].protocols == [.udp, .tcp])
        #expect(try configuration[.dns].name == DNSName("example.com"))
        #expect(configuration[.dns].types == [.aaaa, .mx])
        #expect(configuration[.dns].resolvConf == "/etc/hm/resolv.conf")
    }

    @Test func largePayloads() throws {
        let text = """
            channels:
              pod: {interval: 5s, large: {mode: off}}
              multus: {large: {mode: on, interval: 2m, size: 1500}}
              cluster_ip: {large: {mode: auto}}
              ingress: {mode: off, large: {mode: on}}
            """
        let configuration = try Configuration.decode(text, name: "heartmesh.yaml").configuration
        #expect(configuration[.multus].large.mode == .on && configuration[.multus].large.size == 1500)
        #expect(configuration[.multus].interval(of: .large) == .seconds(120))
        #expect(configuration[.multus].interval(of: .small) == .seconds(10))
        #expect(Plan.Settings(configuration).largePayloads == [.multus: 1500, .clusterIP: 8192, .ingress: 8192])
        #expect(Plan.Settings(configuration).protocols[.ingress] == nil)
        // Where the path leads to one pod.
        #expect(Plan.Settings(Configuration()).largePayloads == [.pod: 8192, .multus: 8192])
        #expect(Configuration()[.pod].interval(of: .large) == .seconds(60))
    }

    /// What leads all nodes to the same place goes there less often.
    @Test func defaultsOfTheChannels() {
        let configuration = Configuration()
        let seldom = Channel.allCases.filter { configuration[$0].interval == .seconds(30) }
        #expect(seldom == [.loadBalancer, .ingress, .apiServer, .dns, .url])
        #expect(Channel.allCases.allSatisfy { configuration[$0].timeout == .seconds(4) })
        #expect(configuration[.node].port == 10250)
        #expect(configuration[.ingress].trust == .system)
    }

    @Test func channelsSayWhatIsPlannedAndRead() throws {
        let text = "channels: {ingress: {mode: off}, node: {mode: off}, multus: {mode: off}, hairpin: {mode: on}}"
        let configuration = try Configuration.decode(text, name: "heartmesh.yaml").configuration
        #expect(configuration.discoveryResources == [.services, .nodes])
        #expect(Configuration().discoveryResources == [.services, .ingresses, .nodes, .pods])
        let settings = Plan.Settings(configuration)
        #expect(settings.protocols[.ingress] == nil)
        #expect(settings.protocols[.pod] == [.http, .udp])
        #expect(Plan.Settings(Configuration()).protocols[.multus] == [.http])
        #expect(settings.required == [.hairpin])
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
