package import Exposition
package import Reactor

/// The pages for Prometheus, for the kubelet and for people who look by.
package final class MetricsServer: RequestHandler {
    /// What a page shows of this exporter; asked for when it is shown.
    package struct Status {
        package var version: String
        package var node: String
        package var mesh: String
        /// Nil when it is ready; otherwise what it waits for.
        package var waitsFor: String?

        package init(version: String, node: String, mesh: String, waitsFor: String?) {
            self.version = version
            self.node = node
            self.mesh = mesh
            self.waitsFor = waitsFor
        }
    }

    private let registry: Registry
    private let telemetryPath: String
    private let status: () -> Status
    /// The document of `/api/v1/targets`, in JSON.
    private let targets: () -> String
    /// Sets the metrics that are read when they are shown.
    private let prepare: () -> Void
    /// Reads the configuration again, and says what keeps it from it, one line for each problem; nil: it is in effect. Not
    /// set: nobody may ask for that here.
    package var reload: (() -> String?)?
    private var text: [UInt8] = []
    private var servers: [HTTPServer] = []

    /// - Parameter telemetryPath: Where the metrics are, `/metrics` as a rule.
    package init(
        registry: Registry, telemetryPath: String, status: @escaping () -> Status,
        targets: @escaping () -> String, prepare: @escaping () -> Void
    ) {
        self.registry = registry
        self.telemetryPath = telemetryPath
        self.status = status
        self.targets = targets
        self.prepare = prepare
    }

    deinit {
        stop()
    }

    package func listen(on address: ListenAddress, _ loop: EventLoop) throws(SystemError) {
        servers.append(try HTTPServer(address, on: loop, handler: self))
    }

    package func stop() {
        for server in servers { server.stop() }
        servers = []
    }

    package func reply(to request: Request) -> Reply {
        if request.path == "/-/reload" { return reply(toReload: request.method) }
        guard request.method == .get || request.method == .head else {
            return Reply(status: 405, "Only GET and HEAD are answered here.\n")
        }
        switch request.path {
        case telemetryPath:
            return metrics(countsAsScrape: request.method == .get)
        case "/-/healthy":
            return Reply("Heartmesh is healthy.\n")
        case "/-/ready":
            guard let waitsFor = status().waitsFor else { return Reply("Heartmesh is ready.\n") }
            return Reply(status: 503, "Heartmesh is not ready: \(waitsFor).\n")
        case "/api/v1/targets":
            return Reply(contentType: "application/json", targets())
        case "/":
            return Reply(
                contentType: "text/html; charset=utf-8", landingPage(status(), telemetryPath: telemetryPath))
        default:
            return Reply(status: 404, "There is no such page. / shows those that are there.\n")
        }
    }

    private func reply(toReload method: Request.Method) -> Reply {
        guard method == .post || method == .put else { return Reply(status: 405, "Only POST and PUT reload.\n") }
        guard let reload else {
            return Reply(status: 403, "Reloading over HTTP is not enabled: it takes the flag --web.enable-lifecycle.\n")
        }
        guard let problems = reload() else { return Reply("The configuration was reloaded.\n") }
        return Reply(status: 500, "The configuration was not reloaded, the old one stays:\n\(problems)\n")
    }

    private func metrics(countsAsScrape: Bool) -> Reply {
        prepare()
        let page = registry.render(into: &text, at: Instant.now().nanoseconds)
        return Reply(
            contentType: Registry.contentType, body: text,
            whenSent: countsAsScrape ? { [registry] in registry.scraped(page) } : nil)
    }
}
