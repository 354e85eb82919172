import Support
import Testing

/// The channel `dns`: a resolv.conf's servers and configured ones.
@Suite(.serialized) struct DNSChannelTests {
    private static let name = "kubernetes.default.svc.cluster.local"

    /// unbound with a zone of its own.
    private func server(_ folder: TemporaryFolder, _ port: FreePort) async throws -> Running {
        try folder.write(
            """
            server:
                interface: \(port.address.host)@\(port.port)
                directory: "\(folder.path)"
                chroot: ""
                username: ""
                pidfile: ""
                do-daemonize: no
                use-syslog: no
                logfile: ""
                num-threads: 1
                module-config: "iterator"
                local-zone: "example.test." static
                local-data: "www.example.test. 60 A 192.0.2.1"
            remote-control:
                control-enable: no
            """, "unbound.conf")
        let server = try Running("unbound", ["-d", "-c", "\(folder.path)/unbound.conf"])
        _ = try await eventually(within: .seconds(20), "unbound listens: \(server.errorText)") {
            try Connection.open(to: port.address, deadline: .now + .seconds(1)).close()
        } until: {
            true
        }
        return server
    }

    @Test func configuredServersAreProbed() async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort()
        let server = try await server(folder, port)
        let probes = [
            "{name: udp, dns: {server: '\(port.address)', name: www.example.test, expect: {answers: [192.0.2.1]}}",
            "{name: tcp, dns: {server: '\(port.address)', protocol: tcp, name: www.example.test}",
            "{name: gone, dns: {server: '\(port.address)', name: a.example.test, expect: {rcode: [NXDOMAIN]}}",
            "{name: bad, dns: {server: '\(port.address)', name: a.example.test}",
        ].map { "\($0), interval: 400ms, timeout: 2s}" }
        let mesh = try await ProcessMesh(2, probes: probes.joined(separator: ", "))
        // A counter of failures is shown at 0 once before it is shown as it is.
        let scrape = try await eventually(within: .seconds(20), "every server is probed three times") {
            try await mesh.scrape("node-a")
        } until: { scrape in
            ["udp", "tcp", "gone", "bad"].allSatisfy {
                scrape.sum("heartmesh_target_probes_total", ["target": $0]) >= 3
            } && scrape.sum("heartmesh_dns_rcodes_total") >= 3
        }
        #expect(server.exit == nil)
        for name in ["udp", "tcp", "gone"] {
            #expect(scrape.sum("heartmesh_target_probe_failures_total", ["target": name]) == 0)
            #expect(scrape.sum("heartmesh_target_probe_duration_seconds_count", ["target": name]) >= 3)
        }
        let labels = ["target": "tcp", "protocol": "tcp", "address": "\(port.address)", "channel": "dns"]
        #expect(scrape.sum("heartmesh_target_probes_total", labels) >= 3)
        #expect(scrape.sum("heartmesh_target_probe_failures_total", ["target": "bad"]) >= 3)
        let rcodes = scrape.samples("heartmesh_dns_rcodes_total")
        #expect(rcodes.map { $0.labels["target"] } == ["bad"] && rcodes.map { $0.labels["rcode"] } == ["NXDOMAIN"])
        #expect(scrape.sum("heartmesh_probe_failure_reasons_total", ["channel": "dns", "reason": "rcode"]) >= 3)
    }

    /// Nobody answers on these addresses' port 53, and resolv.conf has no other.
    @Test func resolvConfIsReadAgain() async throws {
        let folder = try TemporaryFolder()
        let hosts = LoopbackHosts.next(2)
        func write(_ host: String) throws {
            try folder.write("nameserver \(host)\nsearch net.svc.cluster.local svc.cluster.local\n", "resolv.conf")
        }
        try write(hosts[0])
        let mesh = try await ProcessMesh(2) { _ in
            "pod: {interval: 400ms, timeout: 2s}, "
                + "dns: {interval: 400ms, timeout: 2s, resolvConf: \(folder.path)/resolv.conf}"
        }
        for host in hosts {
            try write(host)
            for type in ["A", "AAAA"] {
                let labels = ["target": "\(Self.name)/\(type)", "address": "\(host):53", "protocol": "udp"]
                try await eventually(within: .seconds(20), "\(host) is asked for \(type)") {
                    try await mesh.scrape("node-a").sum("heartmesh_target_probe_failures_total", labels) >= 2
                }
            }
        }
        let scrape = try await mesh.scrape("node-a")
        let reasons = scrape.samples("heartmesh_probe_failure_reasons_total").filter { $0.labels["channel"] == "dns" }
        #expect(reasons.map { $0.labels["reason"] } == ["refused"])
        #expect(try scrape.value("heartmesh_targets", ["channel": "dns", "state": "probed"]) == 2)
    }
}
