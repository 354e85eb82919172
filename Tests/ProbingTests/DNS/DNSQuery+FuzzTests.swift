import Support
import Testing

@testable import Probing

struct DNSQueryFuzzTests {
    /// Damaged answers of real servers: each is judged, and what is called good holds together.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedAnswersAreJudged(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let expectation = try DNSExpectation(of: .a, answers: ["192.0.2.80"])
        var kinds: [String: Int] = [:]
        for _ in 0..<50_000 {
            let exchange = CapturedDNS.all.randomElement(using: &generator)!
            let answer = damaged(exchange.answer, from: exchange.query.endOfQuestion, using: &generator)
            let verdict = exchange.query.judge(answer)
            kinds[String("\(verdict)".prefix(20)), default: 0] += 1
            if case .good(let answers) = verdict {
                if answers.count < 1 || answers.minimumTTL == nil || answers.texts.count != min(answers.count, 3)
                    || answer.prefix(2) != [0x12, 0x34] || !answers.texts.allSatisfy(\.isPlain)
                {
                    Issue.record("\(answer): \(answers)")
                }
            }
            // What is there does not hang on how much of it is written down, nor on what is expected of it.
            if exchange.query.judge(answer, describing: 0).isGood != verdict.isGood { Issue.record("\(answer)") }
            let expected = exchange.query.judge(answer, expecting: expectation)
            if expected.isGood, !verdict.isGood { Issue.record("\(answer)") }
        }
        // The damage reaches every part.
        #expect(kinds.count >= 12, "\(kinds)")
    }

    /// Bytes that are a message by chance only.
    @Test func anyBytesAreJudged() {
        var generator = SeededGenerator(seed: 9)
        let query = CapturedDNS.knotA.query
        let head = Array(CapturedDNS.knotA.answer[..<query.endOfQuestion])
        for _ in 0..<20_000 {
            var answer = head
            answer[7] = UInt8.random(in: 0...3, using: &generator)
            answer[11] = UInt8.random(in: 0...1, using: &generator)
            for _ in 0..<Int.random(in: 0..<100, using: &generator) { answer.append(meaningful(using: &generator)) }
            if query.judge(answer).isGood { Issue.record("\(answer)") }
        }
    }

    /// The most that a message can cost: as many records as fit, each owner's name as long as can be, along as many
    /// pointers as are allowed.
    @Test func theWorstMessageIsJudgedSoon() {
        let answer = WorstDNSAnswer.answer
        #expect(answer.bytes.count <= 65535)
        let clock = ContinuousClock()
        let time = clock.measure { #expect(answer.verdict == .noAnswer(.nothing)) }
        // Ten milliseconds at most in a release build.
        #expect(time < .seconds(10))
    }
}

enum WorstDNSAnswer {
    static var answer: DNSAnswer {
        // A name at the offset 46, in data that nobody asked for; then a label and a pointer to what is before it, as
        // often as is allowed.
        var data = hex(String(repeating: "0161", count: 96) + "00")
        var previous = 46
        for _ in 0..<30 {
            let offset = 46 + data.count
            data += [1, 0x61, 0xc0 | UInt8(previous >> 8), UInt8(previous & 0xff)]
            previous = offset
        }
        let record: [UInt8] = [
            0xc0 | UInt8(previous >> 8), UInt8(previous & 0xff), 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 192, 0, 2, 1,
        ]
        var answer = DNSAnswer(.a, "c00c 0010 0001 00000000")
        answer.bytes += [UInt8(data.count >> 8), UInt8(data.count & 0xff)] + data
        var count = 1
        while answer.bytes.count + record.count <= 65535 {
            answer.bytes += record
            count += 1
        }
        answer.bytes[6] = UInt8(count >> 8)
        answer.bytes[7] = UInt8(count & 0xff)
        return answer
    }
}

/// Up to four changes, most of them behind the question.
private func damaged(_ answer: [UInt8], from question: Int, using generator: inout SeededGenerator) -> [UInt8] {
    var answer = answer
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
        if answer.isEmpty { break }
        let start = Int.random(in: 0..<8, using: &generator) == 0 ? 0 : min(question, answer.count - 1)
        let place = Int.random(in: start..<answer.count, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: answer[place] = .random(in: 0...255, using: &generator)
        case 1: answer[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: answer[place] = meaningful(using: &generator)
        case 3: answer.insert(meaningful(using: &generator), at: place)
        case 4: answer.remove(at: place)
        case 5: answer.removeSubrange(place...)
        case 6:
            // A pointer to anywhere.
            if place + 1 < answer.count {
                answer[place] = 0xc0
                answer[place + 1] = UInt8.random(in: 0...UInt8(min(answer.count, 255)), using: &generator)
            }
        default:
            let end = min(answer.count, place + Int.random(in: 1...32, using: &generator))
            answer.insert(contentsOf: answer[place..<end], at: place)
            // One answer more, now and then.
            if answer.count > 7, Bool.random(using: &generator) { answer[7] &+= 1 }
        }
    }
    return answer
}

/// A byte that means something in a message.
private func meaningful(using generator: inout SeededGenerator) -> UInt8 {
    [0, 1, 2, 3, 4, 5, 6, 12, 15, 16, 28, 41, 63, 64, 65, 128, 0xc0, 0xc0, 255].randomElement(using: &generator)!
}

extension String {
    /// Printable ASCII: nothing that could forge a line of the log.
    fileprivate var isPlain: Bool {
        utf8.allSatisfy { (0x20..<0x7f).contains($0) } || hasSuffix("…")
    }
}
