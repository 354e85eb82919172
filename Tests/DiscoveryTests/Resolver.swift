import Reactor

@testable import Discovery

/// Answers for names as it is told, a moment later.
final class Resolver: NameResolver {
    /// What is not in here does not exist.
    var answers: [String: NameLookup.Answer]
    /// One set for each lookup.
    private(set) var asked: [Set<String>] = []
    private var loop: EventLoop?
    private var alarm: Alarm?
    private var done: (([String: NameLookup.Answer]) -> Void)?

    init(_ answers: [String: NameLookup.Answer] = [:]) {
        self.answers = answers
    }

    func use(_ loop: EventLoop) {
        self.loop = loop
        alarm = loop.alarm { [unowned self] in answer() }
    }

    func lookUp(_ names: Set<String>, done: @escaping ([String: NameLookup.Answer]) -> Void) {
        precondition(self.done == nil, "one at a time")
        asked.append(names)
        self.done = done
        alarm?.deadline = .now() + .milliseconds(1)
    }

    func cancel() {
        done = nil
        if let alarm { loop?.remove(alarm) }
    }

    private func answer() {
        let names = asked.last ?? []
        let done = self.done
        self.done = nil
        done?(Dictionary(uniqueKeysWithValues: names.map { ($0, answers[$0] ?? .nothing) }))
    }
}
