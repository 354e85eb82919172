import Mesh
import Testing

@testable import heartmesh

/// A configuration that must be refused, and the line that must say why.
private struct Bad: CustomTestStringConvertible {
    let text: String
    let line: String

    init(_ text: String, _ line: String) {
        self.text = text
        self.line = "heartmesh.yaml:" + line
    }

    var testDescription: String { line }
}

private let name = "is not a name: up to 253 letters, digits, '-', '_' and '.', a letter or digit at both ends"
private let label = "is not a DNS label: up to 63 small letters, digits and '-', a letter or digit at both ends"
private let duration = "is not a duration such as 500ms, 10s or 1m"

private let syntax = [
    Bad("mesh: [a", "2:1: did not find expected ',' or ']' while parsing a flow sequence from 1:7"),
    Bad(
        "mesh: a\n\tnode: {}",
        "2:1: found a tab character that violates indentation while scanning a plain scalar from 1:7"),
    Bad("node:\n\tname: a", "2:1: a tab stands where YAML allows only spaces"),
    Bad("mesh: a\nmesh: b", "2:1: duplicate key \"mesh\", first set on line 1"),
    Bad("mesh: a\n---\nmesh: b", "2:1: a second document starts here, but only one is allowed"),
    Bad("mesh: &a x", "1:7: anchors (&name) are not supported: write the value out"),
    Bad("- mesh: a", "1:1: a mapping is expected here, not a list"),
    Bad("default", "1:1: a mapping is expected here, not \"default\""),
]

private let unknownKeys = [
    Bad("channel: {}", "1:1: channel: unknown key (did you mean \"channels\"?)"),
    Bad(
        "channels:\n  pod:\n    intervall: 1s",
        "3:5: channels.pod.intervall: unknown key (did you mean \"interval\"?)"),
    Bad("channels: {pods: {}}", "1:12: channels.pods: unknown key (did you mean \"pod\"?)"),
    Bad("channels: {clusterIP: {}}", "1:12: channels.clusterIP: unknown key (did you mean \"cluster_ip\"?)"),
    Bad(
        "channels: {pod: {mode:off}}",
        "1:18: channels.pod.\"mode:off\": unknown key (a space is missing after the colon)"),
    Bad("node: {Name: a}", "1:8: node.Name: unknown key (did you mean \"name\"?)"),
    Bad(
        "discovery: {kubernetes: {services: a}}",
        "1:26: discovery.kubernetes.services: unknown key (did you mean \"service\"?)"),
    Bad("peers: {full_mesh_limit: 1}", "1:9: peers.full_mesh_limit: unknown key (did you mean \"fullMeshLimit\"?)"),
    Bad("limits: {memory: 1}", "1:10: limits.memory: unknown key"),
    Bad("shutdown: {drian: 1s}", "1:12: shutdown.drian: unknown key (did you mean \"drain\"?)"),
    Bad("sweep: {interval: 1s}", "1:9: sweep.interval: unknown key"),
    Bad("interval: 10s", "1:1: interval: unknown key"),
]

private let values = [
    Bad("mesh: ''", "1:7: mesh: \"\" \(name)"),
    Bad("mesh: a b", "1:7: mesh: \"a b\" \(name)"),
    Bad("mesh: -a", "1:7: mesh: \"-a\" \(name)"),
    Bad("mesh: \"a\\r\\nx: y\"", "1:7: mesh: \"a\\x0d\\nx: y\" \(name)"),
    Bad("mesh: a;node=b", "1:7: mesh: \"a;node=b\" \(name)"),
    Bad("mesh: blüe", "1:7: mesh: \"blüe\" \(name)"),
    Bad("mesh: {a: b}", "1:7: mesh: text is expected here, not a mapping"),
    Bad("node: node-a", "1:7: node: a mapping is expected here, not \"node-a\""),
    Bad("node: {name: a/b}", "1:14: node.name: \"a/b\" \(name)"),
    Bad("node: {zone: z.}", "1:14: node.zone: \"z.\" \(name)"),
    Bad("node: {name: [a]}", "1:14: node.name: text is expected here, not a list"),
    Bad("discovery: {interval: 999ms}", "1:23: discovery.interval: 999ms is out of range: 1s to 1h"),
    Bad("discovery: {interval: 60}", "1:23: discovery.interval: \"60\" \(duration)"),
    Bad("discovery: {kubernetes: {namespace: a/../b}}", "1:37: discovery.kubernetes.namespace: \"a/../b\" \(label)"),
    Bad("discovery: {kubernetes: {service: Beats}}", "1:35: discovery.kubernetes.service: \"Beats\" \(label)"),
    Bad("discovery: {kubernetes: {service: ''}}", "1:35: discovery.kubernetes.service: \"\" \(label)"),
    Bad("discovery: {file: ''}", "1:19: discovery.file: \"\" is not a path"),
    Bad("discovery: {file: {path: a}}", "1:19: discovery.file: text is expected here, not a mapping"),
    Bad(
        "discovery:\n  kubernetes: {}\n  file: a",
        "3:3: discovery.file: only one of kubernetes, file and http can be set, and discovery.kubernetes is"),
    Bad("peers: {fullMeshLimit: 10001}", "1:24: peers.fullMeshLimit: 10001 is out of range: 0 to 10000"),
    Bad("peers: {fullMeshLimit: many}", "1:24: peers.fullMeshLimit: \"many\" is not a whole number"),
    Bad("peers: {watch: 0}", "1:16: peers.watch: 0 is out of range: 1 to 256"),
    Bad("peers: {watch: 1.5}", "1:16: peers.watch: \"1.5\" is not a whole number"),
    Bad("peers: {suspects: -1}", "1:19: peers.suspects: -1 is out of range: 0 to 256"),
    Bad("peers: {warmup: 2h}", "1:17: peers.warmup: 2h is out of range: 0s to 1h"),
    Bad("sweep: {period: 1s}", "1:17: sweep.period: 1s is out of range: 10s to 24h"),
    Bad("channels: [pod]", "1:11: channels: a mapping is expected here, not a list"),
    Bad("channels: {pod: on}", "1:17: channels.pod: a mapping is expected here, not \"on\""),
    Bad("channels: {pod: {mode: always}}", "1:24: channels.pod.mode: \"always\" is not one of auto, on, off"),
    Bad("channels: {pod: {interval: 99ms}}", "1:28: channels.pod.interval: 99ms is out of range: 100ms to 1h"),
    Bad("channels: {pod: {interval: 61m}}", "1:28: channels.pod.interval: 61m is out of range: 100ms to 1h"),
    Bad("channels: {pod: {timeout: 4x}}", "1:27: channels.pod.timeout: \"4x\" \(duration)"),
    Bad("channels: {pod: {timeout: 9ms}}", "1:27: channels.pod.timeout: 9ms is out of range: 10ms to 1m"),
    Bad("channels: {pod: {timeout: 61s}}", "1:27: channels.pod.timeout: 61s is out of range: 10ms to 1m"),
    Bad("channels: {pod: {protocols: http}}", "1:29: channels.pod.protocols: a list is expected here, not \"http\""),
    Bad(
        "channels: {pod: {protocols: []}}",
        "1:29: channels.pod.protocols: at least one protocol is needed; mode: off ends the channel"),
    Bad("channels: {pod: {protocols: [http, http]}}", "1:36: channels.pod.protocols[1]: \"http\" stands here twice"),
    Bad(
        "channels: {pod: {protocols: [htp]}}",
        "1:30: channels.pod.protocols[0]: \"htp\" is not one of http, https, tcp, udp, tls, icmp (did you mean http?)"),
    Bad(
        "channels: {pod: {protocols: [tcp]}}",
        "1:30: channels.pod.protocols[0]: the channel pod is not probed by tcp; possible: http, udp, icmp"),
    Bad("channels: {pod: {port: 1}}", "1:18: channels.pod.port: unknown key"),
    Bad("channels: {node: {port: 0}}", "1:25: channels.node.port: 0 is out of range: 1 to 65535"),
    Bad("channels: {pod: {large: true}}", "1:25: channels.pod.large: a mapping is expected here, not \"true\""),
    Bad("channels: {pod: {large: {size: 1499}}}", "1:32: channels.pod.large.size: 1499 is out of range: 1500 to 65536"),
    Bad(
        "channels: {pod: {large: {size: 65537}}}", "1:32: channels.pod.large.size: 65537 is out of range: 1500 to 65536"
    ),
    Bad("channels: {pod: {large: {timeout: 1s}}}", "1:26: channels.pod.large.timeout: unknown key"),
    Bad("channels: {node: {large: {}}}", "1:19: channels.node.large: unknown key"),
    Bad("channels: {api_server: {large: {}}}", "1:25: channels.api_server.large: unknown key"),
    Bad("channels: {ingress: {caFile: ''}}", "1:30: channels.ingress.caFile: \"\" is not a path"),
    Bad("channels: {dns: {timeout: 0}}", "1:27: channels.dns.timeout: 0 is out of range: 10ms to 1m"),
    Bad("discovery: {http: {}}", "1:19: discovery.http.url: is required"),
    Bad("channels: {url: {interval: 5s}}", "1:18: channels.url.interval: each entry of probes has its own"),
    Bad(
        "channels: {dns: {protocols: [tls]}}",
        "1:30: channels.dns.protocols[0]: the channel dns is not probed by tls; possible: udp, tcp"),
    Bad("channels: {dns: {types: []}}", "1:25: channels.dns.types: at least one type is needed"),
    Bad("channels: {dns: {types: [A, a]}}", "1:29: channels.dns.types[1]: A stands here twice"),
    Bad("channels: {pod: {name: a}}", "1:18: channels.pod.name: unknown key"),
    Bad("probes: {}", "1:9: probes: a list is expected here, not a mapping"),
    Bad("limits: {probesPerSecond: 0}", "1:27: limits.probesPerSecond: 0 is out of range: 1 to 100000"),
    Bad("limits: {series: 1e3}", "1:18: limits.series: \"1e3\" is not a whole number"),
    Bad("shutdown: {drain: 11m}", "1:19: shutdown.drain: 11m is out of range: 0s to 10m"),
]

private let notInThisRelease = [
    Bad("discovery: {http: {url: 'https://a/b'}}", "1:13: discovery.http: is not supported in this release"),
    Bad("channels: {remote: {mode: true}}", "1:27: channels.remote.mode: \"true\" is not supported in this release"),
    Bad(
        "channels: {hairpin: {protocols: [http, udp]}}",
        "1:40: channels.hairpin.protocols[1]: the channel hairpin is not probed by udp; possible: http"),
    Bad(
        "channels: {node_port: {protocols: [icmp]}}",
        "1:36: channels.node_port.protocols[0]: the channel node_port is not probed by icmp; possible: http"),
]

@Suite struct BadConfigurationTests {
    @Test(arguments: syntax + unknownKeys + values)
    private func isRefusedWithItsLine(bad: Bad) {
        #expect(configurationLines(bad.text) == [bad.line])
    }

    @Test(arguments: notInThisRelease)
    private func whatWouldLeaveTheUserBlindIsRefused(bad: Bad) {
        #expect(configurationLines(bad.text) == [bad.line])
    }

    @Test(arguments: [
        ("channels: {dns: {interval: 5s}}", []),
        ("channels: {remote: {}}", ["heartmesh.yaml:1:12: channels.remote: has no effect in this release"]),
        ("channels: {dns: {mode: off, protocols: [udp]}}", []),
        ("channels: {dns: {mode: false}, pod: {mode: off}}", []),
        ("probes: []", []),
        ("peers: {suspects: 8}", ["heartmesh.yaml:1:9: peers.suspects: has no effect in this release"]),
    ])
    func whatHasNoEffectIsAWarning(text: String, expected: [String]) {
        #expect(configurationLines(text) == expected)
    }

    @Test func everyErrorIsTold() {
        let text = """
            mesh: a b
            discovery:
              intervall: 10s
              http: {address: a}
            channels:
              pod: {timeout: 4x, protocols: [http, smtp]}
              remote: {mode: on}
            """
        #expect(
            configurationLines(text) == [
                "heartmesh.yaml:1:7: mesh: \"a b\" \(name)",
                "heartmesh.yaml:3:3: discovery.intervall: unknown key (did you mean \"interval\"?)",
                "heartmesh.yaml:4:3: discovery.http: is not supported in this release",
                "heartmesh.yaml:4:9: discovery.http.url: is required",
                "heartmesh.yaml:4:10: discovery.http.address: unknown key",
                "heartmesh.yaml:6:18: channels.pod.timeout: \"4x\" \(duration)",
                "heartmesh.yaml:6:40: channels.pod.protocols[1]: \"smtp\" is not one of http, https, tcp, udp, tls, icmp",
                "heartmesh.yaml:7:18: channels.remote.mode: \"on\" is not supported in this release",
            ])
    }

    /// A name is either in the code or in the tables of what is missing.
    @Test func theTablesHaveNoRowForWhatExists() {
        #expect(Set(Unsupported.channels).isDisjoint(with: Channel.allCases.map(\.rawValue)))
    }
}
