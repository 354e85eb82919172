import Support
import Testing

/// The executable as a person or a kubelet meets it.
@Suite struct CommandTests {
    private func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (
        exit: Running.Exit, output: String, error: String
    ) {
        let process = try Running(heartmeshBinary(), arguments, environment: environment)
        let exit = try await process.waitForExit(within: .seconds(20))
        return (exit, process.outputText, process.errorText)
    }

    @Test func versionAndHelp() async throws {
        let version = try await run(["--version"])
        #expect(version.exit == .code(0))
        #expect(version.output.hasPrefix("heartmesh, version "))
        let help = try await run(["run", "--help"])
        #expect(help.exit == .code(0))
        #expect(help.output.contains("--web.telemetry-path=/metrics"))
        let typo = try await run(["run", "--web.listen-adress=:1"])
        #expect(typo.exit == .code(1))
        #expect(typo.error.split(separator: "\n").count == 1)
        #expect(typo.error.contains("did you mean --web.listen-address?"))
    }

    @Test func configurationCheck() async throws {
        let folder = try TemporaryFolder()
        let good = try folder.write("mesh: a\n", "good.yaml")
        let checked = try await run(["config", "check", good])
        #expect(checked.exit == .code(0))
        #expect(checked.error == "")
        let bad = try folder.write("mesh: a\npeers:\n  watsch: 3\n", "bad.yaml")
        let refused = try await run(["config", "check", bad])
        #expect(refused.exit == .code(1))
        #expect(refused.error == "\(bad):3:3: peers.watsch: unknown key (did you mean \"watch\"?)\n")
        let missing = try await run(["config", "check", "\(folder.path)/none.yaml"])
        #expect(missing.exit == .code(1))
        #expect(missing.error.contains("No such file or directory"))
    }

    /// Each of them: exit code 1, and one line that says what and where.
    @Test(arguments: StartFailure.all) func whatKeepsItFromStarting(_ failure: StartFailure) async throws {
        let folder = try TemporaryFolder()
        let taken = try StubServer { _ in [.close] }
        try folder.write("peers: []\n", "mesh.yaml")
        let configuration = try folder.write(failure.configuration, "heartmesh.yaml")
        if let kubeconfig = failure.kubeconfig { try folder.write(kubeconfig, "kubeconfig") }
        var arguments = [
            "run", "--config.file=\(configuration)", "--node.name=a", "--responder.listen-address=127.0.0.1:0",
        ]
        arguments.append("--web.listen-address=\(failure.takesAPort ? "\(taken.address)" : "127.0.0.1:0")")
        if failure.kubeconfig != nil { arguments.append("--kubeconfig=\(folder.path)/kubeconfig") }
        let result = try await run(arguments, environment: ["KUBERNETES_SERVICE_HOST": ""])
        #expect(result.exit == .code(1))
        #expect(result.output == "")
        let lines = result.error.split(separator: "\n")
        #expect(lines.count == 1, "\(result.error)")
        #expect(result.error.contains(failure.says), "\(result.error)")
    }

    @Test(arguments: ["SIGTERM", "SIGINT"]) func aSignalEndsItInOrder(_ signal: String) async throws {
        let folder = try TemporaryFolder()
        try folder.write("peers: []\n", "mesh.yaml")
        let configuration = try folder.write(
            "discovery: {file: mesh.yaml}\nshutdown: {drain: 0s}\n", "heartmesh.yaml")
        let process = try Running(
            heartmeshBinary(),
            [
                "run", "--config.file=\(configuration)", "--web.listen-address=127.0.0.1:0",
                "--responder.listen-address=127.0.0.1:0", "--log.format=json",
            ], environment: ["NODE_NAME": "a"])
        try await process.waitForLog(#""msg":"started""#)
        if signal == "SIGTERM" { process.terminate() } else { process.interrupt() }
        #expect(try await process.waitForExit(within: .seconds(2)) == .code(0))
        #expect(process.errorText.contains(#""msg":"stopping","signal":"\#(signal)""#))
        #expect(process.errorText.hasSuffix("\"msg\":\"stopped\"}\n"))
    }

    @Test func aNameIsNeeded() async throws {
        let result = try await run(["run"], environment: ["NODE_NAME": ""])
        #expect(result.exit == .code(1))
        #expect(result.error.contains("NODE_NAME"))
    }
}

struct StartFailure: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var configuration = "discovery: {file: mesh.yaml}\n"
    var kubeconfig: String?
    var takesAPort = false
    var says: String

    private static func kubeconfig(cluster: String = "server: https://127.0.0.1:1", user: String) -> String {
        """
        current-context: lab
        contexts: [{name: lab, context: {cluster: lab, user: lab}}]
        clusters: [{name: lab, cluster: {\(cluster)}}]
        users: [{name: lab, user: {\(user)}}]

        """
    }

    static let all = [
        StartFailure(testDescription: "a port in use", takesAPort: true, says: "Address already in use"),
        StartFailure(
            testDescription: "no mesh document", configuration: "discovery: {file: none.yaml}\n",
            says: "none.yaml: No such file or directory"),
        StartFailure(testDescription: "a bad configuration", configuration: "mesh: [\n", says: "heartmesh.yaml:2:1"),
        StartFailure(testDescription: "not in a cluster", configuration: "", says: "give --kubeconfig"),
        StartFailure(
            testDescription: "a missing certificate", configuration: "",
            kubeconfig: kubeconfig(
                cluster: "server: https://127.0.0.1:1, certificate-authority: none.crt", user: "token: t"),
            says: "none.crt: No such file or directory"),
        StartFailure(
            testDescription: "an unreadable token", configuration: "", kubeconfig: kubeconfig(user: "tokenFile: none"),
            says: "the token can't be read"),
        StartFailure(
            testDescription: "a program for credentials", configuration: "",
            kubeconfig: kubeconfig(user: "exec: {command: aws}"), says: "kubeconfig:4:28"),
    ]
}
