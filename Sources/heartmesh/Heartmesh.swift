internal import Documents
internal import Glibc
internal import Reactor

@main
enum Heartmesh {
    static func main() {
        do {
            switch try Flags.parse(Array(CommandLine.arguments.dropFirst()), environment: environment) {
            case .show(let text): print(text)
            case .checkConfiguration(let file): checkConfiguration(file)
            case .run(let options): run(options)
            case .demo(let rules): exit(Demo(rules: rules).run())
            }
        } catch {
            complain(error.description)
            exit(1)
        }
    }

    private static func run(_ options: RunOptions) {
        Signals.hold([SIGHUP])
        let log = Log(level: options.logLevel, format: options.logFormat)
        var configuration = Configuration()
        if let path = options.configFile {
            do {
                let loaded = try Configuration.load(path: path)
                configuration = loaded.configuration
                for warning in loaded.warnings { log.warn("configuration", ("warning", warning)) }
            } catch {
                for problem in error.problems { log.error("configuration", ("error", problem)) }
                exit(1)
            }
        }
        guard let node = options.nodeName(configuration) else {
            log.error("this node has no name: set NODE_NAME, --node.name or node.name in the configuration")
            exit(1)
        }
        do {
            try Exporter(options, configuration, node: node, log: log, environment: environment).run()
        } catch {
            log.error("can't start", ("error", "\(error)"))
            exit(1)
        }
    }

    private static func checkConfiguration(_ file: String) {
        do {
            let warnings = try Configuration.load(path: file).warnings
            for warning in warnings { complain("\(warning) (warning)") }
            print("\(file): the configuration is good")
        } catch {
            for problem in error.problems { complain(problem.description) }
            exit(1)
        }
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
