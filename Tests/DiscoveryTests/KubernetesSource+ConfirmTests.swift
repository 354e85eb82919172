import Mesh
import Reactor
import Support
import Testing

@testable import Discovery

/// Looks that somebody asks for, because a peer fails that was well.
struct KubernetesSourceConfirmTests {
    private let api: RecordedAPI

    init() throws {
        api = try RecordedAPI(serving: threeNodes)
    }

    /// With an interval that no test waits for.
    private func watch(_ change: (inout KubernetesSource.Settings) -> Void = { _ in }) throws -> Watch {
        try Watch(api) {
            $0.interval = .seconds(3600)
            $0.confirmPause = .milliseconds(200)
            // A loaded machine is slow.
            $0.confirmPatience = .seconds(30)
            change(&$0)
        }
    }

    @Test func whatItCosts() {
        let settings = KubernetesSource.Settings(namespace: "", service: "", node: "", userAgent: "")
        #expect(settings.confirmPause == .seconds(1) && settings.confirmPatience == .seconds(2))
        #expect(settings.confirmsPerMinute == 30)
    }

    @Test func whatItChangesIsToldBeforeItAnswers() throws {
        let watch = try watch()
        try watch.next()
        try api.change { try $0.removeEndpoints(ofNode: "node-00002") }
        let answers = Answers(watch)
        answers.ask()
        #expect(answers.all.isEmpty)
        #expect(try answers.next() == Answer(isConfirmed: true, topologies: 2))
        #expect(watch.witness.told.last?.topology?.peers.count == 2)
        #expect(api.asked == ["list", "versions", "list"])
        // A pause from start to start, less what the first request took to come.
        #expect(api.exchanges[1].received - api.exchanges[0].received >= .milliseconds(100))
        // Nothing has changed since then.
        answers.ask()
        #expect(try answers.next() == Answer(isConfirmed: true, topologies: 2))
        #expect(api.asked == ["list", "versions", "list", "versions"])
    }

    /// They share looks; who comes while one is under way waits for the next.
    @Test func manyShareALook() throws {
        let watch = try watch()
        try watch.next()
        let answers = Answers(watch)
        for _ in 0..<3 { answers.ask() }
        // Half a second long.
        api.fail(.drip(bytes: 100, every: .milliseconds(20)), next: 1)
        try watch.loop.turn(until: "the look begins") { api.exchanges.count == 2 }
        for _ in 0..<4 { answers.ask() }
        try watch.loop.turn(until: "all are answered") { answers.all.count == 7 }
        #expect(answers.all.allSatisfy { $0.isConfirmed })
        #expect(api.asked == ["list", "versions", "versions"])
        // And then the schedule goes on as before.
        let source = try #require(watch.source)
        #expect(source.alarm.deadline > .now() + .seconds(3000))
    }

    /// One who asks while the observer is told of the last look's changes is not answered by that look.
    @Test func aQuestionFromWithinALookWaitsForTheNext() throws {
        let watch = try watch()
        let answers = Answers(watch)
        watch.witness.onTopology = { _ in answers.ask() }
        #expect(try answers.next() == Answer(isConfirmed: true, topologies: 1))
        #expect(api.asked == ["list", "versions"])
    }

    @Test func aHangingServerIsNotWaitedForLong() throws {
        let watch = try watch {
            $0.confirmPatience = .milliseconds(300)
            $0.confirmPause = .zero
            $0.timeout = .seconds(2)
        }
        try watch.next()
        api.fail(.hang)
        let answers = Answers(watch)
        answers.ask()
        let start = ContinuousClock.now
        #expect(try answers.next() == Answer(isConfirmed: false, topologies: 1))
        #expect(ContinuousClock.now - start >= .milliseconds(290))
        // The look itself is still under way.
        #expect(watch.witness.failures.isEmpty)
        #expect(try watch.next() == .failed(.timeout))
        #expect(api.exchanges.count == 2)
    }

    /// An error is an answer at once. While discovery is failing nothing is asked for anybody.
    @Test func afterAFailureNothingIsAsked() throws {
        let watch = try watch()
        try watch.next()
        api.fail(.tooManyRequests(retryAfter: 600), next: 1)
        let answers = Answers(watch)
        answers.ask()
        #expect(try answers.next() == Answer(isConfirmed: false, topologies: 1))
        #expect(api.exchanges.count == 2)
        answers.ask()
        #expect(answers.all.count == 1)
        #expect(try answers.next() == Answer(isConfirmed: false, topologies: 1))
        #expect(api.exchanges.count == 2)
        let source = try #require(watch.source)
        #expect(source.alarm.deadline > .now() + .seconds(500))
    }

    /// Who asks while a look fails gets no answer from it, and no look of its own.
    @Test func aQuestionDuringALookThatFails() throws {
        let watch = try watch { $0.timeout = .seconds(1) }
        try watch.next()
        api.fail(.hang)
        let answers = Answers(watch)
        answers.ask()
        try watch.loop.turn(until: "the request comes") { api.exchanges.count == 2 }
        answers.ask()
        #expect(try watch.next() == .failed(.timeout))
        #expect(answers.all.map(\.isConfirmed) == [false, false])
    }

    /// The second look comes as soon as after any other that is doubted.
    @Test func aListThatIsNotBelievedConfirmsNothing() throws {
        let watch = try watch()
        try watch.next()
        try api.change {
            for node in ["node-00001", "node-00002"] { try $0.removeEndpoints(ofNode: node) }
        }
        let answers = Answers(watch)
        answers.ask()
        #expect(try answers.next() == Answer(isConfirmed: false, topologies: 1))
        #expect(watch.witness.told.last == .failed(.shrunk))
        #expect(try watch.next() == .discovered(try api.topology(), invalid: []))
        answers.ask()
        #expect(try answers.next() == Answer(isConfirmed: true, topologies: 2))
    }

    @Test func overTheBudgetNothingIsAsked() throws {
        let watch = try watch {
            $0.confirmPause = .zero
            $0.confirmsPerMinute = 2
        }
        try watch.next()
        let answers = Answers(watch)
        for isConfirmed in [true, true, false] {
            answers.ask()
            #expect(try answers.next().isConfirmed == isConfirmed)
        }
        #expect(api.asked == ["list", "versions", "versions"])
    }

    @Test func beforeItsStartASourceConfirmsNothing() throws {
        let watch = try watch()
        let settings = KubernetesSource.Settings(namespace: "heartmesh", service: "heartmesh", node: "", userAgent: "")
        let source = KubernetesSource(
            APIServer(url: api.url), settings, on: watch.loop, transfers: watch.transfers, observer: watch.witness)
        var answer: Bool?
        source.confirm { answer = $0 }
        #expect(answer == nil)
        try watch.loop.turn(until: "there is an answer") { answer != nil }
        #expect(answer == false)
    }
}

/// What one who asked was told, and how many topologies the observer had been told of by then.
private struct Answer: Equatable {
    let isConfirmed: Bool
    let topologies: Int
}

private final class Answers {
    private unowned let watch: Watch
    private(set) var all: [Answer] = []

    init(_ watch: Watch) {
        self.watch = watch
    }

    func ask() {
        watch.source?.confirm { [unowned self] in
            all.append(Answer(isConfirmed: $0, topologies: watch.witness.topologies.count))
        }
    }

    func next() throws -> Answer {
        let count = all.count
        try watch.loop.turn(until: "an answer comes") { all.count > count }
        return all[count]
    }
}
