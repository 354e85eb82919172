import Testing

@testable import heartmesh

private func parse(_ arguments: String..., environment: [String: String] = [:]) throws(FlagError) -> Command {
    try Flags.parse(arguments, environment: { environment[$0] })
}

@Suite struct CommandTests {
    @Test func runWithoutFlagsIsTheDefault() throws {
        #expect(try parse("run") == .run(RunOptions()))
    }

    @Test func everyFlagOfRun() throws {
        let command = try parse(
            "run", "--config.file=/etc/heartmesh.yaml", "--web.listen-address=127.0.0.1:1", "--web.listen-address",
            "[::1]:2", "--web.telemetry-path=/m", "--responder.listen-address=:3", "--kubeconfig", "k.yaml",
            "--log.level=debug", "--log.format=json", "--node.name=node-a", "--discovery.cache-dir=/c",
            environment: ["NODE_NAME": "node-b"])
        var expected = RunOptions()
        expected.configFile = "/etc/heartmesh.yaml"
        expected.webListenAddresses = ["127.0.0.1:1", "[::1]:2"]
        expected.telemetryPath = "/m"
        expected.responderListenAddresses = [":3"]
        expected.kubeconfig = "k.yaml"
        expected.cacheFolder = "/c"
        expected.logLevel = .debug
        expected.logFormat = .json
        expected.nodeName = "node-a"
        expected.environmentNodeName = "node-b"
        #expect(command == .run(expected))
    }

    @Test func theOtherCommands() throws {
        #expect(try parse("config", "check", "f.yaml") == .checkConfiguration(file: "f.yaml"))
        #expect(try parse("demo") == .demo(rules: nil))
    }

    @Test func theFlagNamesTheNodeBeforeTheFileBeforeTheEnvironment() {
        var options = RunOptions()
        var configuration = Configuration()
        #expect(options.nodeName(configuration) == nil)
        options.environmentNodeName = ""
        #expect(options.nodeName(configuration) == nil)
        options.environmentNodeName = "from-environment"
        #expect(options.nodeName(configuration) == "from-environment")
        configuration.node.name = "from-file"
        #expect(options.nodeName(configuration) == "from-file")
        options.nodeName = "from-flag"
        #expect(options.nodeName(configuration) == "from-flag")
    }

    @Test(arguments: [
        ("--web.listen-adress=:1", "unknown flag --web.listen-adress, did you mean --web.listen-address? try --help"),
        ("--config", "unknown flag --config, did you mean --config.file? try --help"),
        ("--log.level=trace", "--log.level: \"trace\" is not one of debug, info, warn, error"),
        ("--log.format=text", "--log.format: \"text\" is not one of logfmt, json"),
        ("--web.telemetry-path=metrics", "--web.telemetry-path: \"metrics\" does not start with /"),
        (
            "--node.name=a;b",
            "--node.name: \"a;b\" is not a name: up to 253 letters, digits, '-', '_' and '.', a letter or digit at both ends"
        ),
        ("--log.level", "expected a value for --log.level, try --help"),
    ])
    func mistakesAreNamed(flag: String, expected: String) {
        let error = #expect(throws: FlagError.self) { try parse("run", flag) }
        #expect(error?.description == "heartmesh: error: \(expected)")
    }

    @Test func theFileToCheckIsNeeded() {
        let error = #expect(throws: FlagError.self) { try parse("config", "check") }
        #expect(error?.description == "heartmesh: error: expected the argument FILE, try --help")
    }

    @Test func theVersionIsThatOfTheExporters() {
        let lines = Version.text.split(separator: "\n")
        #expect(lines[0] == "heartmesh, version \(Version.number)")
        #expect(lines[1].hasPrefix("  swift version:    6."))
        #expect(lines[2] == "  platform:         \(Version.platform)")
    }
}
