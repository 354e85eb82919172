/// One thing that is wrong with a document, or worth a warning.
///
/// Reads `heartmesh.yaml:8:15: channels.pod.timeout: "4x" is not a duration such as 500ms, 10s or 1m`.
package struct Problem: Sendable, Equatable, CustomStringConvertible {
    /// The document's name, as the user gave it.
    package let name: String
    /// Nil when the whole document is meant: it cannot be read.
    package let position: Position?
    /// The key path, such as `channels.pod.timeout` or `peers[3].node`; empty for the root and for bad syntax.
    package let path: String
    package let message: String

    package init(name: String, position: Position?, path: String = "", message: String) {
        self.name = name
        self.position = position
        self.path = path
        self.message = message
    }

    package var description: String {
        var text = name
        if let position { text += ":\(position)" }
        if !path.isEmpty { text += ": \(path)" }
        return text + ": \(message)"
    }
}

/// A document that cannot be used, with everything that is wrong with it, in the order of the document.
package struct DocumentError: Error, Equatable, CustomStringConvertible {
    package let problems: [Problem]

    package init(_ problems: [Problem]) {
        self.problems = problems
    }

    init(_ name: String, at position: Position?, _ message: String) {
        problems = [Problem(name: name, position: position, message: message)]
    }

    /// One line for each problem.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// What is found while a document is decoded. At most `limit` errors and warnings each are kept: a document
/// with a hundred thousand bad elements must not become a hundred thousand lines of log.
final class Findings {
    private let name: String
    private let limit = 100
    private var errors = Bounded()
    private var warnings = Bounded()

    private struct Bounded {
        var problems: [Problem] = []
        var total = 0
    }

    init(name: String) {
        self.name = name
    }

    func refuse(_ path: String, at position: Position, _ message: String) {
        keep(Problem(name: name, position: position, path: path, message: message), in: &errors)
    }

    func warn(_ path: String, at position: Position, _ message: String) {
        keep(Problem(name: name, position: position, path: path, message: message), in: &warnings)
    }

    /// The warnings, or all errors thrown at once.
    func conclude() throws(DocumentError) -> [Problem] {
        if errors.total > 0 { throw DocumentError(inOrder(errors)) }
        return inOrder(warnings)
    }

    private func keep(_ problem: Problem, in list: inout Bounded) {
        list.total += 1
        if list.problems.count < limit { list.problems.append(problem) }
    }

    private func inOrder(_ list: Bounded) -> [Problem] {
        var problems = list.problems.sorted { ($0.position ?? .start) < ($1.position ?? .start) }
        if list.total > problems.count {
            let more = list.total - problems.count
            problems.append(Problem(name: name, position: nil, message: "and \(more) more like these"))
        }
        return problems
    }
}
