internal import Mesh

/// What the command line asks for.
enum Command: Equatable, Sendable {
    case run(RunOptions)
    case checkConfiguration(file: String)
    /// - Parameter rules: A file of alerts for the demo's Prometheus; nil: none.
    case demo(rules: String?)
    /// `--help` and `--version`: to be printed on stdout, and that is all.
    case show(String)
}

/// The flags of `heartmesh run`. Addresses are the text that was given.
struct RunOptions: Equatable, Sendable {
    /// Nil: the default configuration.
    var configFile: String?
    var webListenAddresses = [":9873"]
    var telemetryPath = "/metrics"
    var responderListenAddresses = [":8873"]
    /// Nil: the service account of the pod.
    var kubeconfig: String?
    /// Where the last good topology is kept; nil: nowhere.
    var cacheFolder: String?
    var logLevel = LogLevel.info
    var logFormat = LogFormat.logfmt
    /// From the flag alone.
    var nodeName: String?
    /// From `NODE_NAME`, which the chart sets through the downward API.
    var environmentNodeName: String?

    /// The node's name: the flag before the configuration before the environment. Nil when none says it.
    func nodeName(_ configuration: Configuration) -> String? {
        [nodeName, configuration.node.name, environmentNodeName].compactMap(\.self).first { !$0.isEmpty }
    }
}

extension CommandSyntax {
    /// Every command, in the order of the help. A new one is a case of `Command` and a row here.
    static let all = [
        CommandSyntax(
            words: ["run"],
            summary: "Discover the peers, probe them all the time, and serve the metrics of it.",
            flags: [
                Flag("config.file", "FILE", "Configuration file. Without one the defaults hold."),
                Flag(
                    "web.listen-address", "ADDRESS",
                    "Address on which to serve metrics, such as :9873, 192.0.2.1:9873 or [::1]:9873.",
                    defaults: RunOptions().webListenAddresses, isRepeatable: true),
                Flag(
                    "web.telemetry-path", "PATH", "Path under which to serve metrics.",
                    defaults: [RunOptions().telemetryPath],
                    check: { $0.hasPrefix("/") ? nil : "does not start with /" }),
                Flag(
                    "responder.listen-address", "ADDRESS",
                    "Address on which to answer the probes of peers.",
                    defaults: RunOptions().responderListenAddresses, isRepeatable: true),
                Flag(
                    "kubeconfig", "FILE",
                    "Kubeconfig for the Kubernetes API. Without one, the service account of the pod."),
                Flag(
                    "discovery.cache-dir", "DIR",
                    "Directory in which the peers are kept, for a restart while the Kubernetes API is away. Without one "
                        + "they are not."),
                Flag(
                    "node.name", "NAME",
                    "Name of this node. Without it, node.name of the configuration, then $NODE_NAME.",
                    check: Identity.complaint(aboutName:)),
                Flag(
                    "log.level", "LEVEL", "Least level of the lines that are written to stderr.",
                    defaults: [RunOptions().logLevel.rawValue], choices: LogLevel.allCases.map(\.rawValue)),
                Flag(
                    "log.format", "FORMAT", "Format of these lines.",
                    defaults: [RunOptions().logFormat.rawValue], choices: LogFormat.allCases.map(\.rawValue)),
            ],
            make: { .run(RunOptions($0)) }),
        CommandSyntax(
            words: ["config", "check"],
            arguments: ["FILE"],
            summary: "Check a configuration file: print every error and warning with its line.",
            make: { .checkConfiguration(file: $0.arguments[0]) }),
        CommandSyntax(
            words: ["demo"],
            summary: "Run a mesh of six nodes on this machine, one of which stops now and then.",
            flags: [Flag("rules.file", "FILE", "Rules for the Prometheus that watches the mesh, where there is one.")],
            make: { .demo(rules: $0["rules.file"]) }),
    ]
}

extension RunOptions {
    fileprivate init(_ given: GivenFlags) {
        configFile = given["config.file"]
        webListenAddresses = given.all("web.listen-address")
        telemetryPath = given["web.telemetry-path"] ?? telemetryPath
        responderListenAddresses = given.all("responder.listen-address")
        kubeconfig = given["kubeconfig"]
        cacheFolder = given["discovery.cache-dir"]
        logLevel = given["log.level"].flatMap(LogLevel.init(rawValue:)) ?? logLevel
        logFormat = given["log.format"].flatMap(LogFormat.init(rawValue:)) ?? logFormat
        nodeName = given["node.name"]
        environmentNodeName = given.environment("NODE_NAME")
    }
}
