/// Prometheus text (format 0.0.4), taken apart.
package struct Scrape: Equatable, Sendable {
    package struct Sample: Equatable, Sendable, CustomStringConvertible {
        package let name: String
        package let labels: [String: String]
        package let value: Double

        package var description: String {
            let list = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
            return "\(name){\(list.joined(separator: ","))} \(value)"
        }
    }

    package private(set) var samples: [Sample] = []
    /// `counter`, `gauge`, `histogram` …, by family.
    package private(set) var types: [String: String] = [:]
    package private(set) var help: [String: String] = [:]

    /// - Throws: On the first line that is not in the format.
    package init(_ text: String) throws(Malformed) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("#") {
                readComment(line)
            } else if !line.isEmpty {
                guard let sample = Sample(line) else { throw Malformed(line: index + 1, text: String(line)) }
                samples.append(sample)
            }
        }
    }

    /// Asks an exporter.
    ///
    /// - Throws: `HTTPGet.Failure`, `Malformed`, or `NotOK` for a status other than 200.
    package static func from(_ url: String) async throws -> Scrape {
        let response = try await HTTPGet.fetch(url)
        guard response.status == 200 else { throw NotOK(statusLine: response.statusLine, body: response.text) }
        return try Scrape(response.text)
    }

    /// The samples of that name with at least these labels.
    package func samples(_ name: String, _ labels: [String: String] = [:]) -> [Sample] {
        samples.filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
    }

    /// All samples of a family, those of a histogram or summary with their suffixes.
    package func family(_ family: String) -> [Sample] {
        let names = Set(["", "_bucket", "_sum", "_count"].map { family + $0 })
        return samples.filter { names.contains($0.name) }
    }

    /// The one sample of that name with at least these labels. Nil when there is none.
    ///
    /// - Throws: `Ambiguous` when there are several and none has just these labels.
    package func value(_ name: String, _ labels: [String: String] = [:]) throws(Ambiguous) -> Double? {
        let found = samples(name, labels)
        if found.count > 1, let exact = found.first(where: { $0.labels == labels }) { return exact.value }
        guard found.count <= 1 else { throw Ambiguous(samples: found) }
        return found.first?.value
    }

    /// The sum of the samples of that name with at least these labels; 0 when there are none.
    package func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
        samples(name, labels).map(\.value).reduce(0, +)
    }

    private mutating func readComment(_ line: Substring) {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count >= 3 else { return }
        let rest = words.count > 3 ? String(words[3]) : ""
        if words[1] == "TYPE" { types[String(words[2])] = rest }
        if words[1] == "HELP" { help[String(words[2])] = rest }
    }

    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let line: Int
        package let text: String

        package var description: String { "line \(line) is not a sample: \(text)" }
    }

    package struct Ambiguous: Error, CustomStringConvertible {
        package let samples: [Sample]

        package var description: String { "several samples: \(samples)" }
    }

    package struct NotOK: Error, CustomStringConvertible {
        package let statusLine: String
        package let body: String

        package var description: String { "\(statusLine): \(body)" }
    }
}

extension Scrape.Sample {
    /// `name{label="value"} 1.5 1700000000000`; the time is left out.
    fileprivate init?(_ line: Substring) {
        // Scalars, not characters: a combining mark after a quote would be one character with it.
        var rest = line.unicodeScalars
        let name = rest.prefix { $0 != "{" && $0 != " " }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                guard let label = takeLabel(&rest), labels.updateValue(label.value, forKey: label.key) == nil else {
                    return nil
                }
                if rest.first == "," { rest = rest.dropFirst() } else if rest.first != "}" { return nil }
            }
            rest = rest.dropFirst()
        }
        let words = Substring(rest).split(separator: " ")
        guard !name.isEmpty, (1...2).contains(words.count), let value = number(words[0]) else { return nil }
        self.init(name: String(name), labels: labels, value: value)
    }
}

private func takeLabel(_ rest: inout Substring.UnicodeScalarView) -> (key: String, value: String)? {
    let key = rest.prefix { $0 != "=" }
    rest = rest.dropFirst(key.count)
    guard !key.isEmpty, rest.starts(with: "=\"".unicodeScalars) else { return nil }
    rest = rest.dropFirst(2)
    var value = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
        if scalar == "\"" { return (String(key), String(value)) }
        guard scalar == "\\" else {
            value.append(scalar)
            continue
        }
        switch rest.popFirst() {
        case "n": value.append("\n")
        case "\\": value.append("\\")
        case "\"": value.append("\"")
        default: return nil
        }
    }
    return nil
}

private func number(_ text: Substring) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: Double(text)
    }
}
