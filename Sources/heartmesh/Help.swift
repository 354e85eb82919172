/// The text of `--help`, made from the tables that the parser uses.
enum Help {
    private static let width = 100
    private static let widestLabel = 38
    private static let common = [
        Row("-h, --help", "Show this help."),
        Row("    --version", "Show the version."),
    ]

    private struct Row {
        let label: String
        let text: String

        init(_ label: String, _ text: String) {
            self.label = label
            self.text = text
        }
    }

    /// The commands, or those that begin with some words.
    static func text(of commands: [CommandSyntax], after words: [String]) -> String {
        let rows = commands.filter { $0.words.starts(with: words) }.map { command in
            Row(([command.name] + command.arguments.map { "<\($0)>" }).joined(separator: " "), command.summary)
        }
        let name = (["heartmesh"] + words).joined(separator: " ")
        return """
            usage: \(name) <command> [<flags>] [<args>]

            A continuous network heartbeat for Kubernetes, made for Prometheus.

            Commands:
            \(table(rows))

            Flags:
            \(table(common))

            "heartmesh <command> --help" shows the flags of a command.
            """
    }

    static func text(of command: CommandSyntax) -> String {
        let arguments = command.arguments.map { " <\($0)>" }.joined()
        return """
            usage: heartmesh \(command.name) [<flags>]\(arguments)

            \(wrap(command.summary, width: width).joined(separator: "\n"))

            Flags:
            \(table(common + command.flags.map(row)))
            """
    }

    private static func row(_ flag: Flag) -> Row {
        var label = "    --\(flag.placeholder == nil ? "[no-]" : "")\(flag.name)"
        if let placeholder = flag.placeholder {
            label += "=\(flag.defaults.first ?? placeholder)"
        }
        let choices = flag.choices.isEmpty ? "" : " One of: \(flag.choices.joined(separator: ", "))."
        return Row(label, flag.help + choices + (flag.isRepeatable ? " Repeatable." : ""))
    }

    /// Two columns; a label that is too wide for the first stands on a line of its own.
    private static func table(_ rows: [Row]) -> String {
        let column = rows.map(\.label.count).filter { $0 <= widestLabel }.max() ?? widestLabel
        let indentation = String(repeating: " ", count: column + 4)
        var lines: [String] = []
        for row in rows {
            var text = wrap(row.text, width: width - indentation.count)[...]
            if row.label.count <= column {
                let padding = String(repeating: " ", count: column - row.label.count)
                lines.append("  \(row.label)\(padding)  \(text.popFirst() ?? "")")
            } else {
                lines.append("  \(row.label)")
            }
            lines += text.map { indentation + $0 }
        }
        return lines.joined(separator: "\n")
    }

    private static func wrap(_ text: String, width: Int) -> [String] {
        text.split(separator: " ").reduce(into: []) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
    }
}
