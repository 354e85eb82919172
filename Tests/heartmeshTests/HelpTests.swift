import Testing

@testable import heartmesh

@Suite struct HelpTests {
    @Test func theOverviewNamesEveryCommand() {
        let text = Help.text(of: CommandSyntax.all, after: [])
        #expect(text.hasPrefix("usage: heartmesh <command> [<flags>] [<args>]\n\nA continuous network heartbeat"))
        #expect(text.contains("\nCommands:\n  run                  Discover the peers"))
        #expect(text.contains("\n  config check <FILE>  Check a configuration file"))
        #expect(text.contains("\nFlags:\n  -h, --help     Show this help.\n      --version  Show the version.\n"))
    }

    @Test func theHelpOfRun() {
        let expected = """
            usage: heartmesh run [<flags>]

            Discover the peers, probe them all the time, and serve the metrics of it.

            Flags:
              -h, --help                            Show this help.
                  --version                         Show the version.
                  --config.file=FILE                Configuration file. Without one the defaults hold.
                  --web.listen-address=:9873        Address on which to serve metrics, such as :9873,
                                                    192.0.2.1:9873 or [::1]:9873. Repeatable.
                  --web.telemetry-path=/metrics     Path under which to serve metrics.
                  --responder.listen-address=:8873  Address on which to answer the probes of peers. Repeatable.
                  --kubeconfig=FILE                 Kubeconfig for the Kubernetes API. Without one, the service
                                                    account of the pod.
                  --discovery.cache-dir=DIR         Directory in which the peers are kept, for a restart while
                                                    the Kubernetes API is away. Without one they are not.
                  --node.name=NAME                  Name of this node. Without it, node.name of the
                                                    configuration, then $NODE_NAME.
                  --log.level=info                  Least level of the lines that are written to stderr. One of:
                                                    debug, info, warn, error.
                  --log.format=logfmt               Format of these lines. One of: logfmt, json.
            """
        #expect(Help.text(of: CommandSyntax.all[0]) == expected)
    }

    @Test func switchesShowBothForms() {
        let flags = [Flag("fast", nil, "Be fast.")]
        let text = Help.text(
            of: CommandSyntax(words: ["c"], summary: "C.", flags: flags, make: { _ in .demo(rules: nil) }))
        #expect(text.hasSuffix("\n      --[no-]fast  Be fast."))
    }

    @Test func nothingIsWiderThanATerminal() {
        let texts = CommandSyntax.all.map(Help.text(of:)) + [Help.text(of: CommandSyntax.all, after: [])]
        for line in texts.flatMap({ $0.split(separator: "\n") }) {
            #expect(line.count <= 100)
            #expect(line.last != " ")
        }
    }

    /// A word that is longer than its column is not lost, and a wide label gets a line of its own.
    @Test func longWordsAndLabels() {
        let long = String(repeating: "x", count: 120)
        let flags = [Flag(String(repeating: "f", count: 50), "VALUE", "Short."), Flag("g", nil, "See \(long) there.")]
        let text = Help.text(
            of: CommandSyntax(words: ["c"], summary: "C.", flags: flags, make: { _ in .demo(rules: nil) }))
        #expect(text.contains("\n      --\(String(repeating: "f", count: 50))=VALUE\n                 Short.\n"))
        #expect(text.contains("\n      --[no-]g   See\n                 \(long)\n                 there."))
    }
}
