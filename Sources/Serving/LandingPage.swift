/// The page at `/`: what this is, and where to look.
func landingPage(_ status: MetricsServer.Status, telemetryPath: String) -> String {
    let state = status.waitsFor.map { "not ready: \($0)" } ?? "ready"
    let links = [
        (telemetryPath, "Metrics", "for Prometheus"),
        ("/api/v1/targets", "Targets", "everything that is probed, with its last outcome, and what is not, and why"),
        ("/-/ready", "Ready", "200 when its peers are known and have been probed for an interval"),
        ("/-/healthy", "Healthy", "200 as long as it answers at all"),
    ]
    let list = links.map { path, name, meaning in
        "<li><a href=\"\(escapeHTML(path))\">\(name)</a> <span>\(meaning)</span></li>"
    }
    return """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Heartmesh on \(escapeHTML(status.node))</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em; color: #1c2733 }
        h1 { margin-bottom: 0 } p { margin-top: .2em } span, dt { color: #5b6875 }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1.5em } dd { margin: 0 }
        ul { padding-left: 1.2em } a { color: #0b62a8 }
        @media (prefers-color-scheme: dark) {
          body { background: #14191f; color: #dfe6ee } span, dt { color: #93a1b0 } a { color: #6cb6f5 }
        }
        </style>
        <h1>Heartmesh</h1>
        <p>The network heartbeat of this node.</p>
        <dl>
        <dt>Node</dt><dd>\(escapeHTML(status.node))</dd>
        <dt>Mesh</dt><dd>\(escapeHTML(status.mesh))</dd>
        <dt>State</dt><dd>\(escapeHTML(state))</dd>
        <dt>Version</dt><dd>\(escapeHTML(status.version))</dd>
        </dl>
        <ul>
        \(list.joined(separator: "\n"))
        </ul>
        </html>

        """
}

private func escapeHTML(_ text: String) -> String {
    var escaped = ""
    for character in text {
        switch character {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        default: escaped.append(character)
        }
    }
    return escaped
}
