internal import Glibc
internal import Reactor

/// A mesh of six nodes in three zones on this machine: one exporter for each node on a loopback address of its own. Every
/// now and then one node stops for a while.
final class Demo {
    struct Node {
        let name: String
        let zone: String
        let address: String
    }

    static let nodes = (0..<6).map { index in
        Node(
            name: "node-\(Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8(index))))", zone: "z\(index / 2 + 1)",
            address: "127.0.0.\(11 + index)")
    }
    static let webPort = 9873
    static let responderPort = 8873
    static let prometheus = "127.0.0.10:9090"

    private static let victim = 2
    private static let healthy = Duration.seconds(45)
    /// Long enough for the alert, which comes within 90 s.
    private static let broken = Duration.seconds(120)

    private let rules: String?
    private var children: [Child] = []
    private var loop: EventLoop!
    private var signals: Signals?
    private var alarm: Alarm!
    private var folder = ""
    private var isBroken = false
    private var status: Int32 = 0

    /// - Parameter rules: The path of a file of alerts for Prometheus; nil: none.
    init(rules: String?) {
        self.rules = rules
    }

    /// Runs until a signal ends it.
    ///
    /// - Returns: The exit code.
    func run() -> Int32 {
        defer { end() }
        do {
            loop = try EventLoop()
            signals = try Signals([SIGINT, SIGTERM, SIGHUP], on: loop) { [unowned self] _ in loop.stop() }
            try start()
        } catch {
            complain("heartmesh: error: \(error)")
            return 1
        }
        loop.run()
        return status
    }

    private func start() throws {
        var template = Array("/tmp/heartmesh-demo-XXXXXX\0".utf8CString.dropLast())
        guard mkdtemp(&template) != nil else { throw SystemError("make a folder in /tmp", errno: errno) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try write(DemoFiles.mesh, "mesh.yaml")
        try write(DemoFiles.configuration, "heartmesh.yaml")
        let rules = try self.rules.map { path in
            // Prometheus takes a relative path from its own file's folder.
            guard let full = realpath(path, nil) else { throw SystemError("read \(path)", errno: errno) }
            defer { free(full) }
            return String(cString: full)
        }
        try write(DemoFiles.prometheus(rules: rules), "prometheus.yml")
        for node in Demo.nodes {
            children.append(
                try Child(
                    "/proc/self/exe",
                    [
                        "run", "--config.file=\(folder)/heartmesh.yaml", "--node.name=\(node.name)",
                        "--web.listen-address=\(node.address):\(Demo.webPort)",
                        "--responder.listen-address=\(node.address):\(Demo.responderPort)",
                    ], output: "\(folder)/\(node.name).log"))
        }
        let hasPrometheus = startPrometheus()
        say(DemoFiles.introduction(folder: folder, hasPrometheus: hasPrometheus, hasRules: rules != nil))
        alarm = loop.alarm { [unowned self] in turn() }
        watch = loop.alarm { [unowned self] in look() }
        alarm.deadline = .now() + Demo.healthy
        watch.deadline = .now() + .milliseconds(300)
    }

    private func startPrometheus() -> Bool {
        guard
            let prometheus = try? Child(
                "prometheus",
                [
                    "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/prometheus",
                    "--web.listen-address=\(Demo.prometheus)",
                ], output: "\(folder)/prometheus.log")
        else { return false }
        children.append(prometheus)
        return true
    }

    /// Stops the victim, or lets it go on. Stopped, it neither answers nor says goodbye: to its peers it is a node that died.
    private func turn() {
        let node = Demo.nodes[Demo.victim]
        isBroken.toggle()
        children[Demo.victim].send(isBroken ? SIGSTOP : SIGCONT)
        say(isBroken ? DemoFiles.stopped(node) : DemoFiles.resumed(node))
        alarm.deadline = loop.now + (isBroken ? Demo.broken : Demo.healthy)
    }

    private var watch: Alarm!

    /// Ends everything when a child has ended by itself: its address was taken, most likely.
    private func look() {
        watch.deadline = loop.now + .seconds(1)
        guard let index = children.firstIndex(where: { $0.hasEnded() }) else { return }
        let name = index < Demo.nodes.count ? Demo.nodes[index].name : "prometheus"
        let text = (try? readFile("\(folder)/\(name).log")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        complain("heartmesh: error: \(name) ended:\n\(text)")
        status = 1
        loop.stop()
    }

    private func end() {
        for child in children {
            child.send(SIGCONT)
            child.send(SIGINT)
        }
        let deadline = Instant.now() + .seconds(2)
        while Instant.now() < deadline, !children.allSatisfy({ $0.hasEnded() }) { usleep(20_000) }
        for child in children { child.end() }
        if !folder.isEmpty {
            (try? Child("rm", ["-rf", folder], output: "/dev/null"))?.wait()
            say("\nAll of it has ended.")
        }
    }

    private func write(_ text: String, _ name: String) throws(SystemError) {
        let path = "\(folder)/\(name)"
        guard let file = fopen(path, "w") else { throw SystemError("write \(path)", errno: errno) }
        fputs(text, file)
        guard fclose(file) == 0 else { throw SystemError("write \(path)", errno: errno) }
    }
}
