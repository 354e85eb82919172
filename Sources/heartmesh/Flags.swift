internal import Documents

/// A flag as the help shows it and the parser takes it: `--name=value`, `--name value`; a switch is `--name`
/// or `--no-name`.
struct Flag: Sendable {
    let name: String
    /// Stands for the value in the help; nil for a switch.
    let placeholder: String?
    let help: String
    let defaults: [String]
    /// Empty: any value.
    let choices: [String]
    let isRepeatable: Bool
    /// Says what is wrong with a value.
    let check: @Sendable (String) -> String?

    init(
        _ name: String, _ placeholder: String?, _ help: String, defaults: [String] = [], choices: [String] = [],
        isRepeatable: Bool = false, check: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.name = name
        self.placeholder = placeholder
        self.help = help
        self.defaults = defaults
        self.choices = choices
        self.isRepeatable = isRepeatable
        self.check = check
    }
}

/// One command: its words, its flags and its arguments, all of which must be given.
struct CommandSyntax: Sendable {
    let words: [String]
    var arguments: [String] = []
    let summary: String
    var flags: [Flag] = []
    let make: @Sendable (GivenFlags) -> Command

    var name: String { words.joined(separator: " ") }
}

/// The flags and arguments of one command line, the defaults in the place of those that were not given.
struct GivenFlags {
    fileprivate(set) var arguments: [String] = []
    let environment: (String) -> String?
    private var values: [String: [String]] = [:]
    private let flags: [Flag]

    fileprivate init(_ flags: [Flag], _ environment: @escaping (String) -> String?) {
        self.flags = flags
        self.environment = environment
    }

    /// The value of a flag; nil when it has none, or an empty one.
    subscript(name: String) -> String? {
        all(name).last.flatMap { $0.isEmpty ? nil : $0 }
    }

    func all(_ name: String) -> [String] {
        values[name] ?? flags.first { $0.name == name }?.defaults ?? []
    }

    /// Whether a switch is on.
    func isOn(_ name: String) -> Bool {
        self[name] == "true"
    }

    fileprivate mutating func set(_ flag: Flag, _ value: String) throws(FlagError) {
        guard flag.isRepeatable || values[flag.name] == nil else {
            throw FlagError("--\(flag.name) is given twice, try --help")
        }
        guard flag.choices.isEmpty || flag.choices.contains(value) else {
            let choices = flag.choices.joined(separator: ", ")
            throw FlagError("--\(flag.name): \(value.quoted) is not one of \(choices)")
        }
        if !value.isEmpty, let complaint = flag.check(value) {
            throw FlagError("--\(flag.name): \(value.quoted) \(complaint)")
        }
        values[flag.name, default: []].append(value)
    }
}

/// A command line that asks for nothing that there is.
struct FlagError: Error, Equatable, CustomStringConvertible {
    let message: String

    init(_ message: String) {
        self.message = message
    }

    var description: String { "heartmesh: error: \(message)" }
}

/// The command line, in the manner of the Prometheus exporters (kingpin).
struct Flags {
    private let syntax: CommandSyntax
    private var rest: ArraySlice<String>
    private var given: GivenFlags

    /// - Parameters:
    ///   - arguments: Without the program's name.
    ///   - environment: The value of a variable.
    static func parse(
        _ arguments: [String], environment: @escaping (String) -> String?, commands: [CommandSyntax] = CommandSyntax.all
    ) throws(FlagError) -> Command {
        var words: [String] = []
        for (index, argument) in arguments.enumerated() {
            if argument == "--help" || argument == "-h" { return .show(Help.text(of: commands, after: words)) }
            if argument == "--version" { return .show(Version.text) }
            if argument == "help", words.isEmpty { continue }
            words.append(argument)
            if let syntax = commands.first(where: { $0.words == words }) {
                if arguments[0] == "help" { return .show(Help.text(of: syntax)) }
                var flags = Flags(syntax, arguments[(index + 1)...], environment)
                return try flags.parse()
            }
            guard commands.contains(where: { $0.words.starts(with: words) }) else {
                throw unknown(argument, after: words.dropLast(), commands)
            }
        }
        if arguments.first == "help" { return .show(Help.text(of: commands, after: words)) }
        throw FlagError("expected a command: \(names(after: words, commands)); try --help")
    }

    private init(
        _ syntax: CommandSyntax, _ rest: ArraySlice<String>, _ environment: @escaping (String) -> String?
    ) {
        self.syntax = syntax
        self.rest = rest
        given = GivenFlags(syntax.flags, environment)
    }

    private mutating func parse() throws(FlagError) -> Command {
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" { return .show(Help.text(of: syntax)) }
            if argument == "--version" { return .show(Version.text) }
            if argument == "--" {
                given.arguments += rest
                rest = []
            } else if argument.hasPrefix("-"), argument != "-" {
                try take(argument)
            } else {
                given.arguments.append(argument)
            }
        }
        if given.arguments.count < syntax.arguments.count {
            throw FlagError("expected the argument \(syntax.arguments[given.arguments.count]), try --help")
        }
        if given.arguments.count > syntax.arguments.count {
            throw FlagError("unexpected \(given.arguments[syntax.arguments.count].quoted), try --help")
        }
        return syntax.make(given)
    }

    private mutating func take(_ argument: String) throws(FlagError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = String(parts[0].drop { $0 == "-" })
        let positive = name.hasPrefix("no-") ? String(name.dropFirst(3)) : name
        let isLong = argument.hasPrefix("--")
        if isLong, let flag = syntax.flags.first(where: { $0.name == name && $0.placeholder != nil }) {
            try given.set(flag, try value(of: name, parts))
        } else if isLong, let flag = syntax.flags.first(where: { $0.name == positive && $0.placeholder == nil }) {
            guard parts.count == 1 else { throw FlagError("--\(name) takes no value, try --help") }
            try given.set(flag, name == positive ? "true" : "false")
        } else {
            if isLong, name == "help" || name == "version" { throw FlagError("--\(name) takes no value, try --help") }
            let names = syntax.flags.map(\.name) + ["help", "version"]
            let longer = names.filter { $0.hasPrefix(name) }
            let nearest = name.nearest(in: names) ?? (longer.count == 1 || !isLong ? longer.first : nil)
            let hint = nearest.map { ", did you mean --\($0)?" } ?? ","
            throw FlagError("unknown flag \(isLong ? "--" : "-")\(name)\(hint) try --help")
        }
    }

    private mutating func value(of name: String, _ parts: [String]) throws(FlagError) -> String {
        if parts.count == 2 { return parts[1] }
        guard let next = rest.first, !next.hasPrefix("-") || next == "-" else {
            throw FlagError("expected a value for --\(name), try --help")
        }
        return rest.removeFirst()
    }

    private static func names(after words: [String], _ commands: [CommandSyntax]) -> String {
        let next = commands.filter { $0.words.starts(with: words) }.map { $0.words[words.count...] }
        return next.map { $0.joined(separator: " ") }.joined(separator: ", ")
    }

    private static func unknown(_ word: String, after words: [String], _ commands: [CommandSyntax]) -> FlagError {
        if word.hasPrefix("-") {
            return FlagError("expected a command before \(word.quoted): \(names(after: words, commands)); try --help")
        }
        let candidates = commands.filter { $0.words.starts(with: words) }.map { $0.words[words.count] }
        let hint = word.nearest(in: candidates).map { ", did you mean \($0)?" } ?? ","
        return FlagError("unknown command \(word.quoted)\(hint) try --help")
    }
}
