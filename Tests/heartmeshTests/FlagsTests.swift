import Testing

@testable import heartmesh

private let commands = [
    CommandSyntax(
        words: ["serve"], arguments: ["FROM", "TO"], summary: "Serve.",
        flags: [
            Flag("fast", nil, "Be fast.", defaults: ["true"]),
            Flag("name", "NAME", "A name."),
            Flag("tag", "TAG", "A tag.", defaults: ["x"], isRepeatable: true),
            Flag("size", "SIZE", "A size.", choices: ["s", "m"], check: { $0 == "m" ? "is sold out" : nil }),
        ],
        make: { given in
            let tags = given.all("tag").joined(separator: ",")
            return .show("\(given.isOn("fast")) \(given["name"] ?? "-") \(tags) \(given.arguments)")
        }),
    CommandSyntax(words: ["tool", "one"], summary: "One.", make: { _ in .show("one") }),
    CommandSyntax(words: ["tool", "two"], summary: "Two.", make: { _ in .show("two") }),
]

/// What a command line comes to, its words separated by single spaces.
private func outcome(_ line: String) -> String {
    do throws(FlagError) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let arguments = line.isEmpty ? [] : words
        guard case .show(let text) = try Flags.parse(arguments, environment: { _ in nil }, commands: commands) else {
            return "another command"
        }
        return text
    } catch {
        return error.description
    }
}

@Suite struct FlagsTests {
    @Test(arguments: [
        ("serve a b", #"true - x ["a", "b"]"#),
        ("serve --name=n a b", #"true n x ["a", "b"]"#),
        ("serve a --name n b", #"true n x ["a", "b"]"#),
        ("serve --name=a=b a b", #"true a=b x ["a", "b"]"#),
        ("serve --name= a b", #"true - x ["a", "b"]"#),
        ("serve --no-fast a b", #"false - x ["a", "b"]"#),
        ("serve --fast a b", #"true - x ["a", "b"]"#),
        ("serve --tag=1 --tag 2 a b", #"true - 1,2 ["a", "b"]"#),
        ("serve -- --name b", #"true - x ["--name", "b"]"#),
        ("serve --name - - b", #"true - x ["-", "b"]"#),
        ("tool one", "one"),
        ("tool two", "two"),
    ])
    func commandLinesAreRead(line: String, expected: String) {
        #expect(outcome(line) == expected)
    }

    @Test(arguments: [
        ("", "expected a command: serve, tool one, tool two; try --help"),
        ("tool", "expected a command: one, two; try --help"),
        ("tool three", "unknown command \"three\", try --help"),
        ("tool tow", "unknown command \"tow\", did you mean two? try --help"),
        ("serv", "unknown command \"serv\", did you mean serve? try --help"),
        ("--name x serve", "expected a command before \"--name\": serve, tool one, tool two; try --help"),
        ("serve a", "expected the argument TO, try --help"),
        ("serve a b c", "unexpected \"c\", try --help"),
        ("serve --nam=x a b", "unknown flag --nam, did you mean --name? try --help"),
        ("serve --other a b", "unknown flag --other, try --help"),
        ("serve --no-name a b", "unknown flag --no-name, try --help"),
        ("serve -name=x a b", "unknown flag -name, did you mean --name? try --help"),
        ("serve -x a b", "unknown flag -x, try --help"),
        ("serve --fast=true a b", "--fast takes no value, try --help"),
        ("serve --name=x --name=y a b", "--name is given twice, try --help"),
        ("serve --fast --no-fast a b", "--fast is given twice, try --help"),
        ("serve a b --name", "expected a value for --name, try --help"),
        ("serve a b --name --fast", "expected a value for --name, try --help"),
        ("serve --size=xl a b", "--size: \"xl\" is not one of s, m"),
        ("serve --size=m a b", "--size: \"m\" is sold out"),
        ("serve --help=x a b", "--help takes no value, try --help"),
    ])
    func mistakesAreNamed(line: String, expected: String) {
        #expect(outcome(line) == "heartmesh: error: \(expected)")
    }

    @Test(arguments: ["--version", "serve --version", "tool --version", "tool one --version", "serve a --version"])
    func theVersionIsEverywhere(line: String) {
        #expect(outcome(line) == Version.text)
    }

    @Test(arguments: [
        ("--help", "usage: heartmesh <command> [<flags>] [<args>]"), ("-h", "usage: heartmesh <command> "),
        ("help", "usage: heartmesh <command> "), ("tool --help", "usage: heartmesh tool <command> "),
        ("help tool", "usage: heartmesh tool <command> "), ("help tool one", "usage: heartmesh tool one "),
        ("serve -h", "usage: heartmesh serve [<flags>] <FROM> <TO>\n"), ("tool two -h", "usage: heartmesh tool two "),
        ("serve a b --help", "usage: heartmesh serve "),
    ])
    func helpIsEverywhere(line: String, start: String) {
        #expect(outcome(line).hasPrefix(start))
    }
}
